"""Choices that come from the processes in use: stages and segments by key, shown by name."""

from __future__ import annotations

from typing import Any

from kith.kernel.kinds import Choice, Choices
from kith.process.versions import in_use


def stages() -> dict[str, str]:
    """{key: name} of the stages of every process in use, in their order."""
    return {s.key: s.name for one in in_use().values() for s in one.definition.stages}


def segments() -> dict[str, str]:
    return {s.key: s.name for one in in_use().values() for s in one.definition.segments}


class _Key(Choice):
    """The keys differ from one organisation to another and from one version to the next, so no schema lists them."""

    name, customisable = "process_key", False  # a name of its own: kinds are found by name

    def schema(self) -> dict[str, Any]:
        return {"type": "string"}


class ProcessKey(_Key):
    """A process in use, by its key or name."""

    name = "process_name"

    def __init__(self) -> None:
        super().__init__(lambda: {one.process.key: one.process.name for one in in_use().values()})


class StageKey(_Key):
    """A stage by its key or name. A key that no process has any more is shown as it is."""

    name = "stage_key"

    def __init__(self) -> None:
        super().__init__(stages)


class SegmentKey(_Key):
    name = "segment_key"

    def __init__(self) -> None:
        super().__init__(segments)


class StageKeys(Choices):
    """Several stages."""

    name = "stage_keys"

    def __init__(self) -> None:
        super().__init__(StageKey())
