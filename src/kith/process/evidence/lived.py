"""The stages as they were lived: those that somebody came to, in the order of the way, whatever the process says today."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kith.process.definition.shape import Definition, Stage
from kith.process.evidence.flow import Flow


def lived(definition: Definition, flow: Flow, earlier: Sequence[Definition] = ()) -> Definition:
    """The definition with these stages alone. One that it no longer has stands where it last stood in `earlier`, newest first.

    Its colour is that of then; a stage that no version knows is left out.
    """
    stages = [s for s in definition.stages if s.key in flow.stages]
    for key in flow.stages:
        if key not in definition.by_key:
            held = next((one for one in earlier if key in one.by_key), None)
            if held is not None:
                stages.insert(_place(stages, held, key), held.by_key[key])
    return replace(definition, stages=tuple(stages), opens="")


def _place(stages: Sequence[Stage], held: Definition, key: str) -> int:
    """Behind the nearest stage that stood before it and is still there."""
    before = {s.key for s in held.stages[: held.order[key]]}
    return max((n + 1 for n, stage in enumerate(stages) if stage.key in before), default=0)
