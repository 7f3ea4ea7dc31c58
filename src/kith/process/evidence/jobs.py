"""Counting, a minute behind what happens."""

from __future__ import annotations

from kith.kernel.jobs.declare import job
from kith.process.evidence import counting


@job("process.count", every="* * * * *", label="Count what relationships did, for the process map")
def count() -> None:
    """Running it twice changes nothing the second time."""
    counting.refresh()
