"""Which columns may say something about a lead: those of people and of their companies."""

from __future__ import annotations

from collections.abc import Iterable

from kith.kernel.learning.columns import Source, sources_of


def sources(leave_out: Iterable[str] = ()) -> list[Source]:
    """Every column that may be learned from, those left out by hand excepted."""
    return sources_of(("person", "company"), leave_out)
