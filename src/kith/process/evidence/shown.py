"""The map for programs: the figures of its stages and the ways between them."""

from __future__ import annotations

from typing import Any

from kith.kernel.lookups.tree import to_text
from kith.process.evidence.page import Map

FIGURES = ("came", "on", "left", "here", "due", "late")


def map_json(found: Map) -> dict[str, Any]:
    """Times in seconds, None where nothing was counted; a way that begins a relationship comes `from` "". `counting`: the
    figures are being counted, ask again in a while."""
    asked, flow = found.asked, found.flow
    order = {stage.key: n for n, stage in enumerate(found.definition.stages)}
    keys = sorted({*order, *flow.stages}, key=lambda key: (order.get(key, len(order)), key))
    return {
        "process": asked.chosen.process.key, "name": asked.chosen.process.name, "version": asked.chosen.number,
        "since": asked.period.start and asked.period.start.isoformat(), "until": asked.period.end and asked.period.end.isoformat(),
        "filter": to_text(asked.tree) if asked.tree else "", "working_time": asked.working,
        "counted_at": found.counted_at and found.counted_at.isoformat(), "counting": found.waits,
        "stages": [_stage(found, key) for key in keys],
        "ways": [{"from": arc.of, "to": arc.to, "kind": arc.kind, "journeys": arc.count} for arc in flow.arcs],
    }  # fmt: skip


def _stage(found: Map, key: str) -> dict[str, Any]:
    figures = found.flow.stages.get(key)
    counts = {name: getattr(figures, name) if figures else 0 for name in FIGURES}
    times = {"median_seconds": figures and figures.median, "p90_seconds": figures and figures.p90}
    return {"stage": key, "name": found.name(key), **counts, **times}
