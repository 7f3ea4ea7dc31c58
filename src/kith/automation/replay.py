"""What a workflow would have done in the last 90 days, before it is switched on. Nothing is written.

Who would have been touched is asked of the events themselves (of dates and schedules: of the calendar). Whether the
condition was met then is known only where history would have to be wound back, so it is asked of the rows as they are
now, and the answer says so. What would have changed is found out by doing it: the steps of some rows are carried out as
the actor and taken back before anybody could see them; waits are passed over, calls and mails are not made.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from croniter import croniter
from django.db import transaction
from django.db.models import Count, F, Max
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kith.automation.checking import faults_of
from kith.automation.definition import Definition, read
from kith.automation.engine import as_author
from kith.automation.models import Run, Workflow
from kith.automation.queries import live
from kith.automation.saying import in_one
from kith.automation.starting import HISTORY
from kith.automation.steps import KINDS, Done, Going, Goto
from kith.automation.steps.base import Look
from kith.automation.sweeps import due_rows
from kith.automation.triggers import OnBecoming, OnDate, OnEvent, OnSchedule, trigger_of
from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid, InvalidMany, KithError
from kith.kernel.lookups.compile import filtered
from kith.kernel.lookups.tree import parse
from kith.kernel.organisation.models import current, refresh
from kith.kernel.records.registry import registry
from kith.kernel.steps import every_step, program
from kith.kernel.timeline.models import Event, EventLink
from kith.kernel.zones import zone

DAYS = 90
TRIED = 25  # rows whose steps are carried out and taken back
MOST_ROWS = 100_000  # rows that are looked at


@dataclass
class Touched:
    """One row: how often it would have started in the time, when last, and what would have become of it."""

    record: str
    pk: int
    name: str
    url: str
    times: int
    last: dt.datetime | None
    would: list[str] = field(default_factory=list)
    problem: str = ""


@dataclass
class Replayed:
    """`count` rows would have been touched, `times` in all; `rows` are the first of them, of which `tried` say what
    would have changed; `changes` counts those changes by column. `notes` say how this was found out."""

    sentence: str
    since: dt.datetime
    count: int = 0
    times: int = 0
    rows: list[Touched] = field(default_factory=list)
    tried: int = 0
    problems: int = 0
    changes: dict[str, int] = field(default_factory=dict)
    conflicts: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def replay(workflow: Workflow, *, by: Actor, days: int = DAYS, shown: int = 50, about: int | None = None) -> Replayed:
    """The draft over the last `days`; `about`: on this row alone, whatever starts it. Raises NotAllowed, InvalidMany with what
    keeps it from being published, or NotFound."""
    by.require("settings.manage")
    if faults := faults_of(workflow.draft, by, workflow.name):
        raise InvalidMany({"draft": faults})
    definition = read(workflow.draft)
    now = timezone.now()
    told = Replayed(in_one(workflow.draft, by), now - dt.timedelta(days=days))
    with as_author(by):
        found = _found(definition, by, told, now) if about is None else _about(definition, about, by, told)
        told.count, told.times = sum(n > 0 for n, _last in found.values()), sum(n for n, _last in found.values())
        _list(workflow, definition, by, told, found, shown)
        told.conflicts = _conflicts(workflow, definition, by)
    return told


# --- whom it would have touched --------------------------------------------------------------------------------------

Found = dict[int, tuple[int, "dt.datetime | None"]]  # {row: (how often, when last)}


def _found(definition: Definition, by: Actor, told: Replayed, now: dt.datetime) -> Found:
    trigger = trigger_of(definition)
    record = registry.get(definition.record)
    if definition.condition:
        told.notes.append(_("The condition is asked of rows as they are now, not as they were then."))
    if record is None:
        told.notes.append(_("It is about no row, so nobody is named."))
        return {}
    if isinstance(trigger, OnEvent):
        found = _by_events(definition, trigger, told)
    elif isinstance(trigger, OnDate):
        found = {pk: (1, None) for pk, _value in due_rows(trigger, by, told.since, now)}
        told.notes.append(_("Dates are those that stand in the rows now."))
    elif isinstance(trigger, OnBecoming):
        found = _matching(record, trigger.value, by, told)
        told.notes.append(_("Counted are the rows that meet the filter now; when each began to is not known."))
    elif isinstance(trigger, OnSchedule):
        times = _times(trigger.value, told.since, now)
        found = dict.fromkeys(_matching(record, "", by, told), (times, now))
        told.notes.append(_("The schedule came round %(n)s times; rows are those of now.") % {"n": times})
    else:
        told.notes.append(_("Calls of other systems are not kept before it is on, so there is nothing to go by."))
        return {}
    rows = record.rows(by, archived=False).filter(pk__in=list(found))
    meeting = filtered(record, parse(definition.condition), by, rows).values_list("pk", flat=True)
    return {pk: found[pk] for pk in meeting}


def _about(definition: Definition, pk: int, by: Actor, told: Replayed) -> Found:
    """A row that somebody names: its steps are tried, and that it would not start anything is said."""
    record = registry.get(definition.record)
    if record is None:
        raise Invalid(_("It is about no row, so it cannot be tried on one."), "about")
    row = record.get(by, pk)
    told.notes.append(_("Tried on the row that was named, as it is now, whatever starts the workflow."))
    now = record.rows(by, archived=False).filter(pk=row.pk)
    if filtered(record, parse(definition.condition), by, now).exists():
        return {row.pk: (1, None)}
    told.notes.append(_("It would start nothing about it: the row is archived or does not meet the condition."))
    return {row.pk: (0, None)}


def _by_events(definition: Definition, trigger: OnEvent, told: Replayed) -> Found:
    """Rows on whose timeline the event stands, lately first. History that was brought in later counts, so that a workflow can be
    tried on it; that it would have started nothing is said."""
    events = Event.objects.filter(trigger.told_by(), at__gte=told.since)
    links = EventLink.objects.filter(event__in=events, record=definition.record).order_by()
    late = links.filter(event__in=events.filter(recorded_at__gte=F("at") + HISTORY))
    if n := late.aggregate(n=Count("event_id", distinct=True))["n"]:
        words = ngettext(
            "%(n)s event was brought in more than a day after it happened; such start nothing once it is on.",
            "%(n)s events were brought in more than a day after they happened; such start nothing once it is on.", n,
        )  # fmt: skip
        told.notes.append(words % {"n": f"{n:,}"})
    rows = links.values("record_id").annotate(times=Count("event_id", distinct=True), last=Max("at"))
    found = _at_most(rows.order_by("-last", "record_id"), told, _("those on which it happened last"))
    return {row["record_id"]: (row["times"], row["last"]) for row in found}


def _matching(record: Any, text: str, by: Actor, told: Replayed) -> Found:
    rows = filtered(record, parse(text), by, record.rows(by, archived=False))
    return dict.fromkeys(
        _at_most(rows.order_by("pk").values_list("pk", flat=True), told, _("the oldest ones")), (1, None)
    )


def _at_most(rows: Any, told: Replayed, which: str) -> list[Any]:
    """As many as are looked at; where there are more, that is said with the answer."""
    found = list(rows[: MOST_ROWS + 1])
    if len(found) > MOST_ROWS:
        words = _("There are more than %(most)s rows; only %(which)s were looked at, so that all counts are too low.")
        told.notes.insert(0, words % {"most": f"{MOST_ROWS:,}", "which": which})
    return found[:MOST_ROWS]


def _times(cron: str, since: dt.datetime, now: dt.datetime) -> int:
    here, count = zone(current().time_zone), 0
    times = croniter(cron, since.astimezone(here))
    while times.get_next(dt.datetime) <= now:
        count += 1
    return count


# --- what would have changed -----------------------------------------------------------------------------------------


def _list(workflow: Workflow, definition: Definition, by: Actor, told: Replayed, found: Found, shown: int) -> None:
    """Name the first rows, those that started last first, and try the steps on some of them."""
    record = registry.get(definition.record)
    if record is None or not found:
        return
    order = sorted(found, key=lambda pk: (found[pk][1] or told.since, pk), reverse=True)[:shown]
    rows = record.rows(by).in_bulk(order)
    for n, pk in enumerate(pk for pk in order if pk in rows):
        times, last = found[pk]
        one = Touched(record.name, pk, str(record.name_of(rows[pk])), record.url(pk), times, last)
        told.rows.append(one)
        if n < TRIED:
            _try(workflow, definition, by, rows[pk], one, told)
    if told.count > told.tried:
        told.notes.append(_("What would change was tried on %(n)s rows and taken back.") % {"n": told.tried})


def _try(workflow: Workflow, definition: Definition, by: Actor, row: Any, one: Touched, told: Replayed) -> None:
    """Carry the steps out on one row and take everything back."""
    told.tried += 1
    with transaction.atomic():
        try:
            mark = Run(workflow=workflow, name=workflow.name, record=definition.record, record_id=row.pk, pk=0)
            _walk(definition, mark, row, by.via("automation").because(mark.cause), one)
        except KithError as problem:
            one.problem = problem.message
            told.problems += 1
        for event in Event.objects.filter(cause=mark.cause).order_by("pk"):
            _tell_changes(event, one, told)
        transaction.set_rollback(True)
    refresh()  # what was read of a configuration that has just been taken back


def _walk(definition: Definition, run: Run, row: Any, by: Actor, one: Touched) -> None:
    line, place, record = program(definition.steps), 0, registry[definition.record]
    while place < len(line):
        here = line[place]
        if here.step is None:
            place = here.target
            continue
        kind = KINDS[here.step["do"]]
        fresh = record.get(by, row.pk)
        came = kind.run(here.step, Going(run, record, fresh, by, place, rehearsing=True))
        words = kind.say(here.step, Look(record, by, run.name))
        result = came.result if isinstance(came, Done | Goto) else ""
        one.would.append(f"{here.number}. {words}" + (f": {result}" if result else ""))
        if isinstance(came, Goto) and came.end:
            return
        place = here.target if isinstance(came, Goto) and not came.met else place + 1


def _tell_changes(event: Event, one: Touched, told: Replayed) -> None:
    """What an event of the trial changed of the row itself, in words and as counts; of other rows only that they are new."""
    record = registry.get(event.record)
    if record is None or event.record != one.record or event.record_id != one.pk:
        if event.changes and all(old is None for old, _new in event.changes.values()):
            new = _("new: %s") % (record.label if record is not None else event.record).lower()
            told.changes[new] = told.changes.get(new, 0) + 1
        return
    columns = record.columns()
    for key, (old, new) in event.changes.items():
        label = columns[key].label if key in columns else key
        told.changes[label] = told.changes.get(label, 0) + 1
        one.would.append(_("%(field)s: %(old)s becomes %(new)s") % {
            "field": label, "old": _plain(old) or _("nothing"), "new": _plain(new) or _("nothing")})  # fmt: skip


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return str(value.get("name") or value.get("id") or "")
    if isinstance(value, list):
        return ", ".join(_plain(each) for each in value)
    return "" if value is None else str(value)


# --- at odds with others ---------------------------------------------------------------------------------------------


def _touches(definition: Definition, by: Actor) -> set[str]:
    look = Look(registry.get(definition.record), by)
    return {key for _n, step in every_step(definition.steps) for key in KINDS[step["do"]].touches(step, look)}


def _conflicts(workflow: Workflow, definition: Definition, by: Actor) -> list[str]:
    """Workflows that are on, about the same type of record, and change the same."""
    mine, out = _touches(definition, by), []
    record = registry.get(definition.record)
    labels = {key: column.label for key, column in record.columns().items()} if record is not None else {}
    for other in live():
        if other.workflow.pk == workflow.pk or other.definition.record != definition.record:
            continue
        if both := sorted(mine & _touches(other.definition, by)):
            words = ", ".join(labels.get(key, key) for key in both)
            out.append(
                _("“%(name)s” is on and changes the same: %(what)s.") % {"name": other.workflow.name, "what": words}
            )
    return out


def as_json(told: Replayed) -> dict[str, Any]:
    """The answer for programs."""
    return {
        "sentence": told.sentence, "since": told.since.isoformat(), "count": told.count, "times": told.times,
        "tried": told.tried, "problems": told.problems, "changes": told.changes, "conflicts": told.conflicts,
        "notes": told.notes,
        "rows": [
            {"id": r.pk, "name": r.name, "url": r.url, "times": r.times, "last": r.last.isoformat() if r.last else None,
             "would": r.would, "problem": r.problem}
            for r in told.rows
        ],
    }  # fmt: skip
