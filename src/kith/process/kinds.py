"""Choices that come from the processes in use: stages and segments by key, shown by name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kith.kernel.kinds import Choice, Choices
from kith.kernel.text import fold
from kith.process.versions import InForce, in_use

OR = " / "  # between the names of what several processes call differently


def stages() -> dict[str, str]:
    """{key: name} of the stages of every process in use, in their order, those of the standard one first. Where processes
    call a stage differently, all its names: "Qualify / Triage"."""
    return _joined(_called((s.key, s.name) for one in _every() for s in one.definition.stages))


def segments() -> dict[str, str]:
    """The same of segments."""
    return _joined(_called((s.key, s.name) for one in _every() for s in one.definition.segments))


def _every() -> list[InForce]:
    return sorted(in_use().values(), key=lambda one: not one.process.is_default)


def _called(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    out: dict[str, list[str]] = {}
    for key, name in pairs:
        names = out.setdefault(key, [])
        if name not in names:
            names.append(name)
    return out


def _joined(names: dict[str, list[str]]) -> dict[str, str]:
    return {key: OR.join(some) for key, some in names.items()}


class _Key(Choice):
    """The keys differ from one organisation to another and from one version to the next, so no schema lists them."""

    name, customisable = "process_key", False  # a name of its own: kinds are found by name

    def clean(self, value: Any) -> Any:
        """By key, by all its names together, or by any one of them."""
        word = fold(str(value or ""))
        one = (key for key, names in self.options.items() if word in (fold(name) for name in str(names).split(OR)))
        return value if value in self.options else next(one, None) or super().clean(value)

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
