"""Parts of a segment's page, and what segments add to the pages of those they gather."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from kith.kernel.access.actor import Actor
from kith.kernel.records.registry import registry
from kith.kernel.segments import explaining, queries
from kith.kernel.segments.models import How, Segment
from kith.kernel.segments.parts import kept_out, moves
from kith.kernel.segments.records import gathers
from kith.ui.panels import Panel, register_panel

FEW, LATEST = 8, 20


def gathered(actor: Actor, segment: Segment) -> dict[str, Any]:
    """The conditions in words, how many are in, the first of them."""
    record = registry.get(segment.subject)
    chips = explaining.chips(segment, actor)
    if record is None:
        return {"record": None, "chips": chips, "rows": [], "count": None, "listed": False}
    n, exact = queries.count(actor, segment)
    rows = queries.members(actor, segment).order_by("-updated_at", "-pk")[:FEW]
    return {
        "record": record, "chips": chips, "listed": segment.how == How.STATIC,
        "rows": [(record.name_of(row), record.url(row.pk), row.pk) for row in rows], "total": n, "exact": exact,
        "all_href": f"/{record.slug}/?filter=segment.is:{segment.key}", "waits": segment.evaluated_at is None,
    }  # fmt: skip


def moved(actor: Actor, segment: Segment) -> dict[str, Any] | None:
    """Who came and left last, and why."""
    found = moves(actor, segment, LATEST)
    return {"moves": [(one, registry[segment.subject].url(one.row)) for one in found]} if found else None


def shut_out(actor: Actor, segment: Segment) -> dict[str, Any]:
    """Who is kept out whatever the conditions say. What is out of the reader's reach has no name."""
    shown = [
        {"pk": one.id, "href": f"/segments/{one.segment.pk}" if one.segment else None, "segment": one.of_segment, "words": one.words}
        for one in kept_out(actor, segment)
    ]  # fmt: skip
    return {"shut": shown, "count": len(shown) or None}


def in_segments(actor: Actor, row: Any) -> dict[str, Any] | None:
    """The segments a row is in, since when, and why."""
    if not actor.can("segment.see"):
        return None
    record = registry.by_model(type(row))
    assert record is not None  # panels stand on pages of record types
    found = [
        {"name": stay.segment.name, "href": f"/segments/{stay.segment_id}", "since": stay.came_at,
         "why_href": f"/segments/{stay.segment_id}/why/{row.pk}",
         "why": explaining.say_came(stay, stay.segment, actor)}
        for stay in queries.segments_of(actor, record.name, row.pk)
    ]  # fmt: skip
    return {"segments": found, "count": len(found)} if found else None


GATHERED = Panel(
    "gathered", _("Who is in it"), "awareness/panel_gathered.html", gathered, depends_on=("person", "company"),
    place="main", order=10, verbs=("add",),
)  # fmt: skip
MOVED = Panel("moved", _("Came and left"), "awareness/panel_moved.html", moved, place="main", order=20, lazy=True)
SHUT = Panel(
    "shut-out", _("Kept out"), "awareness/panel_shut.html", shut_out, depends_on=("segment",), order=20,
    verbs=("exclude", "admit"),
)  # fmt: skip
IN_SEGMENTS = Panel(
    "in-segments", _("In segments"), "awareness/panel_in_segments.html", in_segments, depends_on=("segment",),
    place="facts", order=80, lazy=True,
)  # fmt: skip


def register() -> None:
    """Put them on the pages of types below this floor."""
    for panel in (GATHERED, MOVED, SHUT):
        register_panel(panel, on="segment")
    for record in registry:
        if gathers(record) and record.name != "person":  # whose page shows them with campaigns
            register_panel(IN_SEGMENTS, on=record.name)
