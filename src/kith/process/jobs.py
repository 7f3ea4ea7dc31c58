"""Background work of the process."""

from __future__ import annotations

from kith.kernel.jobs.declare import job
from kith.process.handovers.late import alarm
from kith.process.handovers.unclaimed import give_to_fallback
from kith.process.journeys.backfill import backfill
from kith.process.journeys.by_time import let_go_on
from kith.process.journeys.clocks import tell_clocks
from kith.process.journeys.silence import catch_up, tell_silences
from kith.process.journeys.summing import fold


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


@job("process.days", every="*/5 * * * *", label="Let go on who waited for a day to come")
def days() -> None:
    """Running it twice moves nobody the second time."""
    let_go_on()


@job("process.fallback", every="*/5 * * * *", label="Give on what nobody took in time")
def fallback() -> None:
    """Running it twice gives nothing the second time."""
    give_to_fallback()


@job("process.sums", every="*/5 * * * *", label="Put together how many relationships are in whose care")
def sums() -> None:
    """Running it twice changes nothing the second time."""
    fold()


@job("process.handovers", every="*/10 * * * *", label="Tell of won customers whom nobody takes over")
def handovers() -> None:
    """Running it twice tells nothing the second time."""
    alarm()
