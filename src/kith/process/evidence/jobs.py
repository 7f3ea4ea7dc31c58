"""Counting, a minute behind what happens."""

from __future__ import annotations

from kith.kernel.jobs.declare import job
from kith.process.evidence import counting, slowly
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


@job("process.count_slowly", label="Count a map that its page could not wait for")
def count_slowly(question: int) -> None:
    """Running it twice changes nothing the second time."""
    slowly.answer(question)
