"""The pick-up brief of a company or a person: what they need, what was promised, the last contacts, what is open.

Nothing is made up and nothing is summed up by a machine: every sentence is filled in from one row or one event, and leads to
that event on the story. What the reader may not see says nothing here either: rows come through the one door, and a
sentence whose event is out of their reach is left out.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kith.kernel.access.actor import Actor
from kith.kernel.records.registry import registry
from kith.kernel.text import brief
from kith.kernel.timeline.models import Event
from kith.kernel.timeline.queries import timeline
from kith.process.models import Handover
from kith.ui.dates import day

NEEDS, PROMISED, CONTACTS, OPEN = "needs", "promised", "contacts", "open"
TITLES = {
    NEEDS: gettext_lazy("What they need"), PROMISED: gettext_lazy("What was promised"), CONTACTS: gettext_lazy("Last contacts"),
    OPEN: gettext_lazy("What is open"),
}  # fmt: skip
MOST, MOST_CONTACTS, LONGEST = 8, 4, 180  # sentences of a part; of contacts; characters of what was said
TALKED = (
    "mail.received",
    "mail.sent",
    "activity.called",
    "activity.met",
    "meeting.held",
    "ticket.customer_replied",
    "ticket.answered",
)
THEIRS = frozenset({"mail.received", "ticket.customer_replied"})
READ = 120  # entries of the story that are looked at
ASKED = frozenset({"onboarding.asked"})


@dataclass(frozen=True)
class Sentence:
    """`part`: one of the keys of `TITLES`; `event`: what it rests on; `path`: where that stands; `late`: it asks for haste."""

    part: str
    text: str
    event: UUID
    path: str
    on: dt.date
    late: bool = False

    @property
    def id(self) -> str:
        return str(self.event)


def brief_of(actor: Actor, record: str, row: Any) -> list[Sentence]:
    """The sentences of one customer, in the order of their parts. About ten queries. `row` was read through `Record.get`."""
    story, _more = timeline(actor, record, row.pk, limit=READ)
    reader = _Reader(actor, record, row)
    return [
        *reader.needs(), *reader.promised(), *reader.contacts(story), *reader.open(story),
    ]  # fmt: skip


class _Reader:
    """One brief being read."""

    def __init__(self, actor: Actor, record: str, row: Any):
        self.actor, self.record, self.row = actor, record, row
        self.url = registry[record].url(row.pk)
        self.today = timezone.localdate()
        person = Q(person=row.pk)
        self.theirs = person if record == "person" else Q(company=row.pk) | Q(person__company=row.pk)

    def _rows(self, name: str, where: Q) -> list[Any]:
        return list(registry[name].rows(self.actor, archived=False).filter(where)[:MOST])

    def _event_of(self, name: str, rows: Iterable[Any], verb: str = "") -> dict[int, Event]:
        """{row: the last event that made or changed it}, of rows that the reader sees."""
        found = Event.objects.filter(links__record=name, links__record_id__in=[r.pk for r in rows], record=name)
        found = found.filter(verb=verb) if verb else found
        return {event.record_id: event for event in found.order_by("at", "pk")}

    def _say(self, part: str, text: str, event: Event, *, late: bool = False, path: str = "") -> Sentence:
        on = timezone.localdate(event.at)
        return Sentence(part, text, event.pk, path or f"{self.url}?e={event.pk}#e-{event.pk}", on, late)

    def _of_rows(self, part: str, name: str, rows: list[Any], words: Any, late: Any = None) -> list[Sentence]:
        """One sentence a row. The event stands on the row's own page, where this customer's story does not tell it."""
        events = self._event_of(name, rows)
        return [
            self._say(part, words(row), event, late=bool(late and late(row)), path=f"{registry[name].url(row.pk)}?e={event.pk}#e-{event.pk}")
            for row in rows if (event := events.get(row.pk)) is not None
        ]  # fmt: skip

    # --- parts

    def needs(self) -> list[Sentence]:
        rows = self._rows("answer", self.theirs & Q(replaced_at=None))
        found = self._of_rows(NEEDS, "answer", rows, lambda a: f"{a.criterion}: {_said(a.answer)}")
        return [*self._handed_over(), *found]

    def _handed_over(self) -> list[Sentence]:
        """Goals as they were handed over last, from a journey within reach."""
        journeys = registry["journey"].rows(self.actor).filter(self.theirs)
        last = (
            Handover.objects.filter(journey__in=journeys.values("pk")).exclude(goals="").order_by("-offered_at").first()
        )
        if last is None:
            return []
        told = Event.objects.filter(record="journey", record_id=last.journey_id, verb="journey.handover_offered")
        event = told.order_by("-at", "-pk").first()
        words = _("They want: %s") % _said(last.goals)
        return (
            [self._say(NEEDS, words, event, path=f"/journeys/{last.journey_id}/handover")] if event is not None else []
        )

    def promised(self) -> list[Sentence]:
        rows = sorted(
            self._rows("promise", self.theirs & Q(state__in=("open", "broken"))), key=lambda p: p.due_on or dt.date.max
        )
        return self._of_rows(
            PROMISED, "promise", rows, self._promise, lambda p: p.state == "broken" or _over(p.due_on, self.today)
        )

    def _promise(self, row: Any) -> str:
        if row.state == "broken":
            return _("Broken: %s") % row.wording
        if row.due_on is None:
            return _("Promised: %s") % row.wording
        if _over(row.due_on, self.today):
            return _("Promised for %(day)s and not kept: %(what)s") % {"day": day(row.due_on), "what": row.wording}
        return _("Promised for %(day)s: %(what)s") % {"day": day(row.due_on), "what": row.wording}

    def contacts(self, story: list[Any]) -> list[Sentence]:
        talks = [one for one in story if one.event.verb in TALKED and not one.undone_by][:MOST_CONTACTS]
        return [self._say(CONTACTS, self._contact(one), one.event) for one in talks]

    def _contact(self, entry: Any) -> str:
        body = entry.body.text or entry.body.title if entry.body is not None else ""
        head = f"{entry.event.actor_name} {entry.sentence}"
        return f"{head}. “{_said(body)}”" if body else head

    def open(self, story: list[Any]) -> list[Sentence]:
        """Tickets that are not solved, questions nobody answered yet, and their last word where we owe one."""
        tickets = self._rows("ticket", self.theirs & Q(state__in=("new", "open", "waiting")))
        found = self._of_rows(OPEN, "ticket", tickets, self._ticket)
        for one in story:
            if one.event.verb in ASKED and not one.undone_by and not _answered(story, one):
                found.append(
                    self._say(
                        OPEN,
                        _("They asked: %s") % _said(str(one.event.payload.get("question", ""))),
                        one.event,
                        late=True,
                    )
                )
        last = next((one for one in story if one.event.verb in TALKED and not one.undone_by), None)
        if last is not None and last.event.verb in THEIRS:
            words = _("Theirs was the last word, on %s; they wait for us.") % day(last.event.at)
            found.append(self._say(OPEN, words, last.event, late=True))
        return found[:MOST]

    def _ticket(self, row: Any) -> str:
        return _("%(state)s since %(day)s: %(what)s") % {
            "state": row.get_state_display(), "day": day(row.opened_at), "what": row.subject}  # fmt: skip


def _answered(story: list[Any], asked: Any) -> bool:
    """Did one of us reach out after this was asked?"""
    return any(
        one.event.at > asked.event.at and one.event.verb in TALKED and one.event.verb not in THEIRS for one in story
    )


def _over(due: dt.date | None, today: dt.date) -> bool:
    return due is not None and due < today


def _said(text: str) -> str:
    return brief(" ".join(text.split()), LONGEST)
