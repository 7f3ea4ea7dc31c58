"""What starts a workflow: an event, a filter that begins to be met, a date that comes near, a schedule, a webhook.

Each kind checks itself, says itself and names the verbs it listens to; `when` of a document holds the keys of one kind.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any, ClassVar

from croniter import croniter
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kith.automation.definition import Definition
from kith.automation.lengths import Length, read_length
from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid
from kith.kernel.jobs.models import Schedule
from kith.kernel.jobs.schedules import say_schedule
from kith.kernel.kinds import Day
from kith.kernel.lookups.compile import compile_tree, say_tree
from kith.kernel.lookups.tree import Group, parse
from kith.kernel.records.registry import registry
from kith.kernel.timeline.models import Event
from kith.kernel.timeline.types import EVENTS, GENERIC

TRIGGERS: dict[str, type[Trigger]] = {}
MORNING = "08:00"


class Trigger:
    """One way to start. `key` is the key of `when` that names it; `also` are the keys it takes beside."""

    key: ClassVar[str] = ""
    also: ClassVar[tuple[str, ...]] = ()
    label: ClassVar[Any] = ""
    needs_record: ClassVar[bool] = True

    def __init_subclass__(cls) -> None:
        TRIGGERS[cls.key] = cls

    def __init__(self, definition: Definition):
        self.definition, self.record = definition, registry.get(definition.record)
        self.when = definition.when

    @property
    def value(self) -> str:
        return str(self.when.get(self.key, ""))

    def faults(self, by: Actor) -> Iterator[str]:
        """Sentences about what cannot be used."""
        yield from ()

    def say(self, by: Actor) -> str:
        """ "When a new deal is added" – the beginning of the workflow's sentence."""
        raise NotImplementedError

    def verbs(self) -> frozenset[str]:
        return frozenset()


class OnEvent(Trigger):
    key, label = "event", gettext_lazy("something happens")
    needs_record = True

    def faults(self, by: Actor) -> Iterator[str]:
        if self.value not in all_verbs():
            yield _("It starts on “%s”, which is no event.") % self.value

    def verbs(self) -> frozenset[str]:
        return frozenset({self.value})

    def hears(self, event: Event) -> bool:
        """Whether this event, of one of its verbs, starts it."""
        return True

    def told_by(self) -> Q:
        """The events that start it, for the past."""
        return Q(verb=self.value)

    def version_at(self, event: Event) -> int | None:
        """The number of the version that a run by this event is held to; None for the one that counts now."""
        return None

    def say(self, by: Actor) -> str:
        return say_event(self.value)


class OnBecoming(Trigger):
    """A filter of the record type begins to be met: by a change at once, by the passing of time within minutes."""

    key, label = "becomes", gettext_lazy("a filter begins to be met")

    def faults(self, by: Actor) -> Iterator[str]:
        if not self.value:
            yield _("Say which filter begins to be met.")
        if self.record is not None:
            yield from filter_faults(self.record, self.value, by, _("The filter that starts it"))

    def verbs(self) -> frozenset[str]:
        return frozenset(verbs_of(self.record)) | self._told() if self.record is not None else frozenset()

    def _told(self) -> frozenset[str]:
        """Events of other rows that its conditions ask for."""
        columns = self.record.columns()
        asked = [(columns[c.column].kind, c.values) for c in _readable(self.value).conditions() if c.column in columns]
        return frozenset(verb for kind, values in asked if (verb := kind.told_by(values)))

    def say(self, by: Actor) -> str:
        return _("When this begins to be true of any %(what)s: %(filter)s") % {
            "what": _word(self.record), "filter": say_filter(self.record, self.value, by)}  # fmt: skip


class OnDate(Trigger):
    """So long before or after the date in a column. Days without a time count from `at` in the morning."""

    key, also, label = "date", ("offset", "at"), gettext_lazy("a date comes near")

    def faults(self, by: Actor) -> Iterator[str]:
        column = self.record.columns(by).get(self.value) if self.record is not None else None
        if self.record is not None and (column is None or not isinstance(column.kind, Day)):
            yield _("It starts by the date “%(field)s”, which a %(what)s does not have.") % {
                "field": self.value, "what": _word(self.record)}  # fmt: skip
        elif column is not None and (column.expr is not None or not column.filterable):
            yield _("It cannot start by “%s”, which is worked out; choose a date that is kept.") % column.label
        try:
            if self.when.get("offset"):
                read_length(self.when["offset"])
            if self.when.get("at"):
                dt.time.fromisoformat(self.when["at"])
        except Invalid as problem:
            yield problem.message
        except ValueError:
            yield _("“%s” is not a time of day; write it like 08:00.") % self.when["at"]

    @property
    def offset(self) -> Length:
        return read_length(self.when.get("offset") or "0")

    @property
    def at(self) -> dt.time:
        return dt.time.fromisoformat(self.when.get("at") or MORNING)

    def say(self, by: Actor) -> str:
        column = self.record.columns(by).get(self.value) if self.record is not None else None
        words = {"date": column.label if column else self.value, "what": _word(self.record), "time": self.offset.say()}
        if self.offset.span is None:
            return _("On “%(date)s” of any %(what)s") % words
        if self.offset.sign < 0:
            return _("%(time)s before “%(date)s” of any %(what)s") % words
        return _("%(time)s after “%(date)s” of any %(what)s") % words


class OnSchedule(Trigger):
    """At set times on the organisation's clock: once, or for every row that meets the condition."""

    key, label, needs_record = "schedule", gettext_lazy("at set times"), False

    def faults(self, by: Actor) -> Iterator[str]:
        if len(self.value.split()) != 5 or not croniter.is_valid(self.value):
            yield _("“%s” is not a time such as 30 6 * * 1 (minute, hour, day, month, weekday).") % self.value
        elif self.value.split()[0] == "*":
            yield _("A schedule runs once an hour at most; give the minute.")

    def say(self, by: Actor) -> str:
        words = say_schedule(Schedule(cron=self.value)) if len(self.value.split()) == 5 else self.value
        every = _(", for each %s") % _word(self.record) if self.record is not None else ""
        return words[:1].upper() + words[1:] + every


class OnWebhook(Trigger):
    key, label, needs_record = "webhook", gettext_lazy("another system calls"), False

    def say(self, by: Actor) -> str:
        return _("When another system calls its address")


def trigger_of(definition: Definition) -> Trigger | None:
    """The trigger that `when` describes; None when it names none or several."""
    named = [kind for key, kind in TRIGGERS.items() if key in definition.when]
    return named[0](definition) if len(named) == 1 else None


def trigger_faults(definition: Definition, by: Actor) -> Iterator[str]:
    """What is wrong with how it starts."""
    trigger = trigger_of(definition)
    if trigger is None:
        yield _("Say what starts it: exactly one of %s.") % ", ".join(TRIGGERS)
        return
    if strange := [k for k in definition.when if k not in (trigger.key, *trigger.also)]:
        yield _("How it starts has no “%(key)s”; it has %(known)s.") % {
            "key": strange[0][:60], "known": ", ".join((trigger.key, *trigger.also))}  # fmt: skip
    if trigger.needs_record and trigger.record is None and not definition.record:
        yield _("Say which type of record it is about.")
    if not isinstance(definition.when[trigger.key], str):
        yield _("“%s” is text.") % trigger.key
    else:
        yield from trigger.faults(by)


# --- words and verbs ---------------------------------------------------------------------------------------------------


def verbs_of(record: Any) -> list[str]:
    """The verbs of a record type's own events, those of every type first."""
    return [*(f"{record.name}.{past}" for past in GENERIC), *dict.fromkeys(e.verb for e in record.events)]


def all_verbs() -> dict[str, str]:
    """{verb: sentence} of everything that can happen."""
    every = {verb for record in registry for verb in verbs_of(record)} | set(EVENTS)
    return {verb: say_event(verb) for verb in sorted(every)}


def say_event(verb: str) -> str:
    """ "When a new deal is added"; events of a room's own say who did what: "When somebody won this deal"."""
    name, _dot, past = verb.rpartition(".")
    record = registry.get(name)
    generic = {
        "created": _("When a new %s is added"), "changed": _("When any %s is changed"), "archived": _("When any %s is archived"),
        "restored": _("When any %s is brought back"), "merged": _("When any %s is merged with another"),
    }  # fmt: skip
    if record is not None and past in generic:
        return generic[past] % _word(record)
    kind = EVENTS.get(verb)
    return _("When somebody %s") % (str(kind.sentence).format_map(_Dots()) if kind else verb)


class _Dots(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "…"


def _word(record: Any) -> str:
    return str(record.label).lower() if record is not None else _("row")


def filter_faults(record: Any, text: str, by: Actor, where: str) -> Iterator[str]:
    """One sentence for each part of a filter that cannot be used."""
    try:
        broken = compile_tree(record, parse(text), by).broken
    except Invalid as problem:
        yield f"{where}: {problem.message}"
        return
    for _condition, why in broken:
        yield f"{where}: {why}"


def _readable(text: str) -> Group:
    try:
        return parse(text)
    except Invalid:
        return Group()


def say_filter(record: Any, text: str, by: Actor) -> str:
    try:
        return say_tree(record, parse(text), by) if record is not None else text
    except Invalid:
        return text
