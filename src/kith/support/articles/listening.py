"""What came of an article on a ticket follows the ticket: solved, or open again."""

from __future__ import annotations

from typing import Any

from kith.kernel.access.actor import Actor
from kith.support.articles.models import Outcome, Use

SOLVED, BACK = "ticket.solved", "ticket.reopened"


def handles(verb: str) -> bool:
    return verb in (SOLVED, BACK)


def hear(entries: list[Any], by: Actor) -> None:
    for entry in entries:
        outcome = Outcome.SOLVED if entry.says.verb_for(entry.record) == SOLVED else Outcome.REOPENED
        Use.objects.filter(record="ticket", record_id=entry.record_id).update(outcome=outcome)


def unhear(events: list[Any], by: Actor) -> None:
    """Taken back: it is as before, not known after a solving, solved after a return."""
    for event in events:
        outcome = Outcome.OPEN if event.verb == SOLVED else Outcome.SOLVED
        Use.objects.filter(record="ticket", record_id=event.record_id).update(outcome=outcome)
