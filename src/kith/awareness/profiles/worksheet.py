"""The market-research worksheet: each segment with what it values, which of our assets fit it, and on what that rests."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from kith.awareness.assets.segments import OF
from kith.kernel.access.actor import Actor
from kith.kernel.records.registry import registry
from kith.kernel.segments.models import Segment
from kith.ui.pages.base import actor_of
from kith.ui.render import page

MOST = 200  # segments on one page
NOTES, ASSETS = 5, 5  # of one segment; the rest stands on lists


@dataclass(frozen=True)
class Note:
    """A piece of research as the worksheet shows it."""

    name: str
    href: str
    on: Any
    until: Any
    values: str
    evidence: str
    stale: bool


@dataclass
class Line:
    """A segment. Notes and assets newest first."""

    segment: Segment
    notes: list[Note] = field(default_factory=list)
    assets: list[tuple[str, str]] = field(default_factory=list)

    @property
    def values(self) -> list[Note]:
        return [note for note in self.notes if note.values]


def worksheet(actor: Actor, segments: list[Segment]) -> list[Line]:
    """Two queries for any number of segments: research and assets as far as the actor sees them."""
    notes, assets = _notes(actor, segments), _assets(actor, segments)
    return [Line(one, notes[one.pk], assets[one.key]) for one in segments]


def _notes(actor: Actor, segments: list[Segment]) -> dict[int, list[Note]]:
    record, found = registry["research"], defaultdict(list)
    if actor.can("research.see"):
        columns = record.columns(actor)
        shown = [columns[key] for key in ("stale", "holds_until") if key in columns]
        rows = record.rows(actor, archived=False).filter(segment__in=[one.pk for one in segments])
        for row in record.listing(rows, shown).order_by("-found_on", "-pk"):
            told = {column.key: column.get(row) for column in shown}
            found[row.segment_id].append(Note(
                row.name, record.url(row.pk), row.found_on, told.get("holds_until"), row.values_text, row.evidence,
                bool(told.get("stale")),
            ))  # fmt: skip
    return found


def _assets(actor: Actor, segments: list[Segment]) -> dict[str, list[tuple[str, str]]]:
    record, found = registry["asset"], defaultdict(list)
    if actor.can("asset.see"):
        rows = record.rows(actor, archived=False).filter(segments__overlap=[one.key for one in segments])
        for row in rows.order_by("-updated_at", "-pk"):
            for key in row.segments:
                found[key].append((row.name, record.url(row.pk)))
    return found


@require_GET
def show(request: HttpRequest) -> HttpResponse:
    """`/research/worksheet`: every segment of people and companies that the reader may see."""
    actor = actor_of(request)
    actor.require("research.see")
    rows = registry["segment"].rows(actor, archived=False).filter(subject__in=OF).order_by("name")
    segments = list(rows[: MOST + 1])
    context = {
        "lines": worksheet(actor, segments[:MOST]), "most": MOST if len(segments) > MOST else 0, "notes": NOTES, "assets": ASSETS,
        "may_note": actor.can("research.create"), "may_give": actor.can("asset.create"),
    }  # fmt: skip
    return page(request, "awareness/worksheet.html", context)
