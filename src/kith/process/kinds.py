"""Choices that come from the processes in use: stages and segments by key, shown by name."""

from __future__ import annotations

from kith.kernel.kinds import Choice
from kith.process.versions import in_use


def stages() -> dict[str, str]:
    """{key: name} of the stages of every process in use, in their order."""
    return {s.key: s.name for one in in_use().values() for s in one.definition.stages}


def segments() -> dict[str, str]:
    return {s.key: s.name for one in in_use().values() for s in one.definition.segments}


class StageKey(Choice):
    """A stage by its key or name. A key that no process has any more is shown as it is."""

    name, customisable = "stage_key", False

    def __init__(self) -> None:
        super().__init__(stages)


class SegmentKey(Choice):
    name, customisable = "segment_key", False

    def __init__(self) -> None:
        super().__init__(segments)
