"""Going on under another version: when one is put in force or taken back, and for those who were away meanwhile."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils import timezone

from kith.process import clock
from kith.process.definition.shape import Definition
from kith.process.events import VersionChanged
from kith.process.journeys.clocks import told_by
from kith.process.journeys.entering import entered
from kith.process.journeys.silence import listen
from kith.process.models import Journey
from kith.process.versions import InForce, definition_of, in_use


def carry(row: Journey, to: InForce, mapping: Mapping[str, str], segment: str) -> VersionChanged:
    """Stand under that version, in this segment, in the same stage or the one that `mapping` has for it; returns what is to
    be said of it."""
    definition = to.definition
    stage = definition.by_key[mapping.get(row.stage, row.stage)]
    moved, row.held_to = stage.key != row.stage, to.number
    row.stage, row.step = stage.key, stage.step
    waits = mapping.get(row.wanted, row.wanted)
    row.wanted = waits if definition.order.get(waits, -1) > definition.order[stage.key] else ""
    row.segment = segment
    row.due_at = clock.due(definition, stage, row.segment, row.entered_at)
    row.warn_at = clock.warns(definition, stage, row.due_at)
    row.told = min(row.told, told_by(row, timezone.now()))  # a clock that runs longer now has not run out
    listen(row, definition, stage)
    told = entered(row, stage) | ({} if moved else {"stage": ""})
    return VersionChanged(**told, process=to.process.name, number=to.number)


def catch_up(row: Journey) -> list[VersionChanged]:
    """Stand under the version in force by now; nothing where it does already, or none is. A stage that is gone became the
    last one before it that is there; its segment is that of before, as far as it is there.
    See `branching.py` for what it is by now."""
    to = in_use().get(row.process_id)
    if to is None or to.number == row.held_to:
        return []
    kept = row.segment if row.segment in {s.key for s in to.definition.segments} else ""
    return [carry(row, to, nearest(definition_of(row.process_id, row.held_to), to.definition), kept)]


def nearest(gone: Definition, back: Definition) -> dict[str, str]:
    """{stage that is not there any more: the last one before it that is, or else the first}."""
    out, here = {}, back.first.key
    for stage in gone.stages:
        if stage.key in back.by_key:
            here = stage.key
        else:
            out[stage.key] = here
    return out
