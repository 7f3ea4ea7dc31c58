"""Counting, a minute behind what happens."""

from __future__ import annotations

from kith.kernel.jobs.declare import job
from kith.process.evidence import counting
from kith.process.evidence.study import study_all


@job("process.count", every="* * * * *", label="Count what relationships did, for the process map")
def count() -> None:
    """Running it twice changes nothing the second time."""
    counting.refresh()


@job("process.study", every="10 3 * * *", label="Work out what skipping a stage costs")
def study() -> None:
    """Running it twice changes nothing the second time."""
    counting.refresh()
    study_all()
