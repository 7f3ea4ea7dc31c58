"""The pick-up brief on the pages of companies and people, and for programs."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.utils.translation import gettext_lazy as _

from kith.kernel.access.actor import Actor
from kith.kernel.kinds import Bool, Choice, Day, Text
from kith.kernel.records.parts import Part
from kith.kernel.records.registry import registry
from kith.process.brief.sentences import TITLES, brief_of
from kith.ui.panels import Panel, register_panel

ON = ("company", "person")


def panel(record: str) -> Any:
    def read(actor: Actor, row: Any) -> dict[str, Any] | None:
        found = brief_of(actor, record, row)
        if not found:
            return None
        return {"parts": [(TITLES[part], list(ones)) for part, ones in groupby(found, key=lambda one: one.part)]}

    return read


def part(record: str) -> Part:
    return Part(
        "brief", _("Pick-up brief"),
        {"part": Choice(dict(TITLES)), "text": Text(2000), "on": Day(), "late": Bool(), "id": Text(40), "path": Text(400)},
        lambda actor, row: brief_of(actor, record, row),
    )  # fmt: skip


def join() -> None:
    """Put it where customers are read."""
    for record in ON:
        register_panel(
            Panel("brief", _("In short"), "process/panel_brief.html", panel(record),
                  depends_on=("promise", "ticket", "activity", "answer", "journey"), order=8, lazy=True),
            on=record,
        )  # fmt: skip
        registry.lend_parts(record, part(record))
