"""Parts of the pages of widgets and conversations."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from kith.capture.chat.models import Conversation, Line, Widget
from kith.capture.chat.queries import lines_of, those_there
from kith.kernel.access.actor import Actor
from kith.kernel.kinds import LongText, Moment, Text
from kith.kernel.records.parts import Part
from kith.ui.panels import Panel


def thread(actor: Actor, row: Conversation) -> dict[str, Any]:
    """What was said, and what the bot was told."""
    return {"row": row, "lines": lines_of(row.pk), "answers": row.answers, "may": actor.can("conversation.edit")}


def placed(actor: Actor, widget: Widget) -> dict[str, Any]:
    """Where the chat is met, how to put it into a page, and who is there to answer."""
    from kith.kernel.accounts.links import site_address

    base = f"{site_address()}/c/{widget.key}"
    line = f'<script src="{base}.js" async></script>\n<noscript><a href="{base}">{_("Write to us")}</a></noscript>'
    return {"widget": widget, "address": base, "line": line, "there": [one.user for one in those_there()]}


class _Said:
    def __init__(self, line: Line):
        self.number, self.side, self.name, self.text, self.at = line.number, line.side, line.name, line.text, line.at


LINES = Part(
    "lines", _("What was said"),
    {"number": Text(10), "side": Text(10), "name": Text(200), "text": LongText(), "at": Moment()},
    lambda actor, row: [_Said(line) for line in lines_of(row.pk)],
)  # fmt: skip
THREAD = Panel("thread", _("What was said"), "chat/panel_thread.html", thread, place="main", order=5)
PLACED = Panel("placed", _("Where people meet it"), "chat/panel_placed.html", placed, place="main", order=5)
