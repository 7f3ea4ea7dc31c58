"""Work of the deals room that runs by itself."""

from __future__ import annotations

from kith.deals.actions import learn_usual_days
from kith.kernel.jobs.declare import job


@job("deals.learn_usual_days", every="40 2 * * *", label="Learn how long deals usually stand in each stage")
def learn() -> None:
    """Running it twice changes nothing the second time."""
    learn_usual_days()
