"""What was said, for readers: under the entry on a person's story, in letters, and safe to show with its links."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from kith.capture.chat.models import Conversation, Line, Side
from kith.kernel.records.registry import registry
from kith.kernel.timeline.types import Body, BodyLink

SHOWN = 12  # lines behind an entry; the rest is on the conversation's page


def who_of(row: Conversation, line: Line) -> str:
    """Who said a line."""
    if line.side == Side.VISITOR:
        return row.name or _("Visitor")
    return _("%(name)s (bot)") % {"name": line.name} if line.side == Side.BOT else line.name


def transcript(row: Conversation, lines: Sequence[Line]) -> str:
    """Everything said, one paragraph a line."""
    said = ((who_of(row, line), line.text) for line in lines)
    return "\n\n".join(f"{who}: {text}" if who else text for who, text in said)


def bodies_of(events: Sequence[Any], actor: Any) -> dict[UUID, Body]:
    """The threads behind these entries, for those who may see the conversations; two queries."""
    ids = {event.payload.get("conversation") for event in events} - {None}
    rows = {row.pk: row for row in registry["conversation"].rows(actor).filter(pk__in=ids)}
    said: dict[int, list[Line]] = {}
    for line in Line.objects.filter(conversation__in=rows, number__lte=SHOWN).order_by("conversation_id", "number"):
        said.setdefault(line.conversation_id, []).append(line)
    return {
        event.id: _body(row, said.get(row.pk, []))
        for event in events
        if (row := rows.get(event.payload.get("conversation"))) is not None
    }


def _body(row: Conversation, lines: list[Line]) -> Body:
    notes = [_("on %s") % row.page] if row.page else []
    if row.said > len(lines):
        notes.append(_("%s more lines") % (row.said - len(lines)))
    links = (BodyLink(_("The whole chat"), f"/conversations/{row.pk}/chat", "chat"),)
    return Body(text=transcript(row, lines), lang=row.language, note=" · ".join(notes), links=links)
