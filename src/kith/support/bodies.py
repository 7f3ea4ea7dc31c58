"""What was said in entries of tickets, for a page of a timeline in one query."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from kith.kernel.records.registry import registry
from kith.kernel.timeline.types import Body, BodyLink


def bodies_of_entries(events: Sequence[Any], actor: Any) -> dict[UUID, Body]:
    """Only of tickets that the reader may see: their words stand on the stories of people and companies too."""
    from kith.support.models import Entry, Side

    wanted = {event.id: event.payload.get("entry") for event in events}
    rows = Entry.objects.filter(
        pk__in=[pk for pk in wanted.values() if pk], ticket__in=registry["ticket"].rows(actor)
    ).select_related("ticket")  # fmt: skip
    found = {row.pk: row for row in rows}
    return {
        event: Body(
            text=found[pk].text, internal=found[pk].side == Side.NOTE,
            links=(BodyLink(found[pk].ticket.subject, f"/tickets/{found[pk].ticket_id}", "ticket"),),
        )
        for event, pk in wanted.items() if pk in found
    }  # fmt: skip
