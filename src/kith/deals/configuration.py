"""Pipelines, stages and reasons, read once per configuration stamp: rules, boards and reports ask here at no cost.

Archived ones are kept in the maps, because old deals still stand on them, and left out of the lists people choose from.
"""

from __future__ import annotations

from kith.deals.models import Pipeline, Reason, Stage
from kith.kernel.organisation.models import cached


def _stages() -> dict[int, Stage]:
    rows = Stage.objects.select_related("pipeline").order_by("pipeline__position", "pipeline_id", "position", "id")
    return {s.pk: s for s in rows}


def stages() -> dict[int, Stage]:
    """Every stage by id, in the order of pipelines and positions."""
    found: dict[int, Stage] = cached("deal_stages", _stages)
    return found


def stage_of(pk: int) -> Stage:
    """The stage of that id; one made a moment ago in another process is read from the database."""
    return stages().get(pk) or Stage.objects.select_related("pipeline").get(pk=pk)


def _lines() -> dict[int, list[Stage]]:
    out: dict[int, list[Stage]] = {}
    for stage in stages().values():
        if stage.archived_at is None:
            out.setdefault(stage.pipeline_id, []).append(stage)
    return out


def stages_in(pipeline_id: int) -> list[Stage]:
    """The stages of a pipeline that deals can be in now, in order."""
    lines: dict[int, list[Stage]] = cached("deal_lines", _lines)
    return lines.get(pipeline_id, [])


def pipelines() -> list[Pipeline]:
    """The pipelines in use, in order; the first is the one deals go into when nobody says."""
    found: list[Pipeline] = cached(
        "deal_pipelines", lambda: list(Pipeline.objects.filter(archived_at=None).order_by("position", "id"))
    )
    return found


def default_pipeline() -> Pipeline | None:
    """The first pipeline that has stages."""
    found: Pipeline | None = cached("deal_default", lambda: next((p for p in pipelines() if stages_in(p.pk)), None))
    return found


def passed(start: Stage, end: Stage | None) -> list[Stage]:
    """Stages left behind going forward from `start` to `end` (None: to the very end), `start` included.

    Empty when the way goes back, stays, or leads into another pipeline.
    """
    line = stages_in(start.pipeline_id)
    if end is not None and end.pipeline_id != start.pipeline_id:
        return []
    return [s for s in line if _place(s) >= _place(start) and (end is None or _place(s) < _place(end))]


def before(stage: Stage) -> list[Stage]:
    """The stages a deal would have gone through before this one."""
    place = _place(stage)
    return [s for s in stages_in(stage.pipeline_id) if _place(s) < place]


def _place(stage: Stage) -> tuple[int, int]:
    return stage.position, stage.pk


def goes_back(start: Stage, end: Stage) -> bool:
    return start.pipeline_id == end.pipeline_id and _place(end) < _place(start)


def _reasons() -> dict[int, Reason]:
    return {r.pk: r for r in Reason.objects.order_by("outcome", "position", "id")}


def reasons() -> dict[int, Reason]:
    """Every reason by id, in order."""
    found: dict[int, Reason] = cached("deal_reasons", _reasons)
    return found


def reason_of(pk: int) -> Reason:
    return reasons().get(pk) or Reason.objects.get(pk=pk)


def reasons_for(outcome: str, parent: int | None = None) -> list[Reason]:
    """The reasons to choose from directly under `parent` (None: at the top)."""
    return [r for r in reasons().values() if r.outcome == outcome and r.parent_id == parent and r.archived_at is None]


def branches(outcome: str, parent: int | None = None, path: str = "") -> list[tuple[Reason, str]]:
    """The tree of reasons in order, each with its path in words: "Price", "Price / Budget cut"."""
    out: list[tuple[Reason, str]] = []
    for reason in reasons_for(outcome, parent):
        here = f"{path} / {reason.name}" if path else reason.name
        out += [(reason, here), *branches(outcome, reason.pk, here)]
    return out


def top_reason(pk: int) -> Reason:
    """The branch of the tree a reason hangs on."""
    reason = reason_of(pk)
    while reason.parent_id:
        reason = reason_of(reason.parent_id)
    return reason
