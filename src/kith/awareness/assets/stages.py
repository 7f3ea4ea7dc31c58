"""The stages of a relationship, as the room above that keeps them tells: their names, and where somebody stands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kith.kernel.kinds import Choice

_names: list[Callable[[], dict[str, str]]] = []
_of: list[Callable[[Any], str]] = []


def register_stages(names: Callable[[], dict[str, str]], stage_of: Callable[[Any], str]) -> None:
    """Say which stages there are ({key: name}, in order) and in which one a person stands (a key, "" for none)."""
    _names[:], _of[:] = [names], [stage_of]


def stage_names() -> dict[str, str]:
    return _names[0]() if _names else {}


def stage_of(person: Any) -> str:
    return _of[0](person) if _of else ""


class StageChoice(Choice):
    """A stage by its key. They differ from one organisation to another, so no schema lists them."""

    name, customisable = "asset_stage", False

    def __init__(self) -> None:
        super().__init__(stage_names)

    def schema(self) -> dict[str, Any]:
        return {"type": "string"}
