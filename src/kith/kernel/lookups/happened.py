"""Behaviour as a condition: something happened to a row at least so many times within the last days, or did not.

`happened.at_least:form.submitted|3|30` and `happened.never:mail.sent|90`: an event, how often, days. One value more says which
is meant: `happened.at_least:form.submitted|1|30|form_id=12` (`timeline/holding.py`). It is asked of timelines:
for a whole list by the events of that verb since then (`event_verb_at`), counted together; for a few known rows, as segments
and workflows ask after something happened, by the timeline of each (`event_link_timeline`), no further than to the last one
that is needed.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import CharField, Count, Exists, OuterRef, Q, Value
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from kith.kernel.errors import Invalid
from kith.kernel.kinds import Choice, Operator
from kith.kernel.lookups.conditions import happenings, words_of
from kith.kernel.records.columns import Facts
from kith.kernel.records.registry import registry
from kith.kernel.timeline import holding
from kith.kernel.timeline.models import EventLink
from kith.kernel.timeline.types import EVENTS

HAPPENED = "happened"  # the column
MOST_TIMES, MOST_DAYS = 1000, 3650
NEVER = "never"


@dataclass(frozen=True)
class Asked:
    """An event, how often at least, since when; `seen`: events of rows that whoever asks may see; `few`: of few rows; `holds`:
    what the event must hold."""

    verb: str
    times: int
    since: dt.datetime
    seen: Q
    few: bool = False
    holds: tuple[tuple[str, str], ...] = ()


class Happened(Choice):
    """What stands on a row's timeline. Only conditions ask it; the column itself holds nothing."""

    name, customisable, sortable, timed = "happened", False, False, True

    def __init__(self, subject: str):
        super().__init__(happenings)
        self.subject = subject

    def ops(self) -> tuple[Operator, ...]:
        return (
            Operator("at_least", gettext_lazy("at least"), "many", lambda _path, asked: self._often(asked)),
            Operator(NEVER, gettext_lazy("never"), "many", lambda _path, asked: Q(~Exists(self._of_row(asked)))),
        )

    def _links(self, asked: Asked) -> Any:
        since = EventLink.objects.filter(record=self.subject, at__gte=asked.since, event__at__gte=asked.since)
        meant = since.filter(asked.seen, event__verb=asked.verb).order_by()
        return holding.holding(meant, asked.verb, dict(asked.holds), "event__payload")

    def _of_row(self, asked: Asked) -> Any:
        return self._links(asked).filter(record_id=OuterRef("pk"))

    def _often(self, asked: Asked) -> Q:
        if asked.times == 1:
            return Q(Exists(self._of_row(asked)))
        if asked.few:
            return Q(Exists(self._of_row(asked)[asked.times - 1 : asked.times]))
        counted = self._links(asked).values("record_id").annotate(times=Count("pk")).filter(times__gte=asked.times)
        return Q(pk__in=counted.values("record_id"))

    def narrowed(self, value: Asked) -> Asked:
        return replace(value, few=True)

    def operand(self, op: Operator, raw: Any, *, actor: Any = None) -> Asked:
        verb, times, days, which = self.read(op, raw)
        since = timezone.now() - dt.timedelta(days=days)
        return Asked(verb, times, since, _seen(verb, self.subject, actor), holds=tuple(which.items()))

    def read(self, op: Operator, raw: Any) -> tuple[str, int, int, dict[str, str]]:
        """(verb, times, days, what it must hold) of a condition. Raises Invalid saying what is missing."""
        given = [str(v).strip() for v in (raw if isinstance(raw, list | tuple) else [raw])]
        wanted = 2 if op.key == NEVER else 3
        if len(given) not in (wanted, wanted + 1):
            raise Invalid(_("Say what happened, and within how many days.") if wanted == 2 else _(
                "Say what happened, how often at least, and within how many days."))  # fmt: skip
        if given[0] not in EVENTS:
            raise Invalid(_("“%s” is nothing that happens.") % given[0][:60])
        times = _whole(given[1], MOST_TIMES, _("How often")) if wanted == 3 else 1
        which = holding.read(given[0], given[wanted]) if len(given) > wanted else {}
        return given[0], times, _whole(given[wanted - 1], MOST_DAYS, _("Days")), which

    def say(self, op: Operator, raw: Any, *, actor: Any = None) -> str:
        verb, times, days, which = self.read(op, raw)
        within = ngettext("within %(n)s day", "within %(n)s days", days) % {"n": days}
        often = ngettext("%(n)s time", "%(n)s times", times) % {"n": times}
        told = " ".join([within] if op.key == NEVER else [often, within])
        return " ".join([f"{told}: {words_of(verb)}", *([holding.said(verb, which, actor)] if which else [])])

    def told_by(self, values: Any) -> str:
        """The verb of the event that a condition with these values waits for."""
        return str(values[0]) if values else ""


def _whole(text: str, most: int, label: str) -> int:
    if not (text.isdecimal() and text.isascii() and 1 <= int(text[:9]) <= most and len(text) < 9):
        raise Invalid(_("%(label)s is a whole number from 1 to %(most)s.") % {"label": label, "most": f"{most:,}"})
    return int(text)


def _seen(verb: str, subject: str, actor: Any) -> Q:
    """Filtering must not tell what the timeline hides: events of rows out of the actor's reach do not count."""
    if actor is None:
        return Q()
    telling = [r for r in registry if verb.startswith(f"{r.name}.") or any(e.verb == verb for e in r.events)]
    narrow = [r for r in telling or registry if r.name != subject and r.scope.q(actor, r.name, "see") != Q()]
    hidden = Q()
    for record in narrow:
        reached = record.rows(actor, archived=None).values("pk")
        hidden |= Q(event__record=record.name) & ~Q(event__record_id__in=reached)
    return ~hidden if hidden else Q()


def happened(subject: str) -> Facts:
    """The column for rows of this type: something to filter by, and nothing to show."""
    return Facts(
        kind=Happened(subject), label=gettext_lazy("Happened"), faces=frozenset({"filter"}),
        expr=Value("", output_field=CharField()),
    )  # fmt: skip
