"""Work of the deals room that runs by itself."""

from __future__ import annotations

from kith.deals.actions import learn_usual_days, weigh_again
from kith.kernel.jobs.declare import job


@job("deals.learn_usual_days", every="40 2 * * *", label="Learn how long deals usually stand in each stage")
def learn() -> None:
    """Running it twice changes nothing the second time."""
    learn_usual_days()


@job("deals.weigh_again", label="Weigh the deals of a stage whose likelihood changed")
def weigh(stages: list[int]) -> None:
    """Deals that were written while the likelihood changed. Running it twice changes nothing the second time."""
    weigh_again(stages)
