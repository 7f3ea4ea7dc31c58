"""Rows for this room's own pages, through the one door."""

from __future__ import annotations

from typing import Any

from kith.kernel.access.actor import Actor
from kith.kernel.records.registry import registry


def registry_row(record: str, actor: Actor, pk: int, verb: str = "see") -> Any:
    """The row, or NotFound in words; NotAllowed where the role lacks the verb."""
    actor.require(f"{record}.{verb}")
    return registry[record].get(actor, pk, verb)
