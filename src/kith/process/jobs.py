"""Background work of the process."""

from __future__ import annotations

from kith.kernel.jobs.declare import job
from kith.process.journeys.backfill import backfill
from kith.process.journeys.clocks import tell_clocks
from kith.process.journeys.silence import catch_up, tell_silences


@job("process.backfill", label="Journeys of customers who were there before")
def backfill_journeys() -> None:
    """Running it twice finds nobody left the second time."""
    backfill()


@job("process.clocks", every="* * * * *", label="Warn of clocks that run out, and of silence")
def clocks() -> None:
    """Running it twice tells nothing the second time."""
    tell_clocks()
    catch_up()
    tell_silences()
