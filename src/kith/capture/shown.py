"""What was sent, under its line on the timeline and on the submission's own page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from kith.kernel.records.registry import registry
from kith.kernel.timeline.types import Body, BodyLink


def bodies_of(events: Sequence[Any], actor: Any) -> dict[UUID, Body]:
    """The answers of the submissions these events tell of, for those who may see them; one query."""
    ids = {event.payload.get("submission") for event in events}
    rows = {
        row.pk: row
        for row in registry["submission"].rows(actor).filter(pk__in=ids - {None}).defer("raw", "tsv", "search")
    }
    return {
        event.id: body_of(rows[event.payload["submission"]])
        for event in events
        if event.payload.get("submission") in rows
    }


def body_of(row: Any) -> Body:
    """Why they wrote first, then every other answer, then where it was sent."""
    said = [one for one in row.answers if one["value"] != row.reason and not one["column"].startswith("person.")]
    text = "\n\n".join([*([row.reason] if row.reason else []), *(f"{one['label']}: {one['value']}" for one in said)])
    note = _("on %s") % row.page if row.page else ""
    links = (BodyLink(_("What was sent"), f"/submissions/{row.pk}", "note"),)
    return Body(text=text, lang=row.language, note=note, links=links)
