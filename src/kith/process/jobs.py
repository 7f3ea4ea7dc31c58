"""Background work of the process."""

from __future__ import annotations

from kith.kernel.jobs.declare import job
from kith.process.journeys.backfill import backfill


@job("process.backfill", label="Journeys of customers who were there before")
def backfill_journeys() -> None:
    """Running it twice finds nobody left the second time."""
    backfill()
