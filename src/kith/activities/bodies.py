"""What was said in notes, calls, meetings and mail, for a page of a timeline: one query for all entries, not each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from kith.kernel.kinds import Moment
from kith.kernel.records.registry import registry
from kith.kernel.timeline.types import Body, BodyLink

PLANNED = "activity.planned"


def activity_bodies(events: Sequence[Any], actor: Any) -> dict[UUID, Body]:
    """What stands behind entries about activities, planned or done. One query for both kinds."""
    rows = {a.pk: a for a in registry["activity"].rows(actor).filter(pk__in={e.record_id for e in events})}
    made = ((e, _body(e, row)) for e in events if (row := rows.get(e.record_id)) is not None)
    return {e.pk: body for e, body in made if body is not None}


def _body(event: Any, row: Any) -> Body | None:
    if event.verb != PLANNED:  # a note, call or meeting: its text as it reads now, its outcome
        return Body(text=row.body, note=row.outcome) if row.body or row.outcome else None
    if row.done_at is not None or row.archived_at is not None:
        return None
    links = (
        BodyLink(_("Done"), f"/activities/{row.pk}/do/finish", "check", part=True),
        BodyLink(_("Later"), f"/activities/{row.pk}/do/postpone", "clock", part=True),
    )
    return Body(text=row.body, note=Moment().show(row.due_at), links=links)  # still open: when, and the way to finish


def mail_bodies(events: Sequence[Any], actor: Any) -> dict[UUID, Body]:
    """Mail with its subject and what became of it."""
    from kith.activities.models import Message

    found = Message.objects.in_bulk({e.payload.get("message") for e in events if e.payload.get("message")})
    return {
        e.pk: Body(
            text=m.text,
            title=m.subject,
            note=_("To %(to)s. %(state)s") % {"to": ", ".join(m.to), "state": m.get_state_display()},
        )
        for e in events
        if (m := found.get(e.payload.get("message", 0))) is not None
    }
