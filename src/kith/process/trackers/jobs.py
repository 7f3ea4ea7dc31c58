"""Background work of trackers: following what names an issue, and telling who waits."""

from __future__ import annotations

from kith.kernel.jobs import job
from kith.process.trackers import keeping


@job("trackers.follow", attempts=3, label="See who waits for an issue")
def follow(url: str) -> None:
    """Running it twice changes nothing the second time."""
    keeping.follow(url)


@job("trackers.tell", label="Tell a tracker how many customers wait")
def tell(issue: int) -> None:
    """Running it twice tells nothing the second time."""
    keeping.tell(issue)


@job("trackers.sweep", every="35 * * * *", label="Count again who waits for issues")
def sweep() -> None:
    """Running it twice changes nothing the second time."""
    keeping.follow_all()
