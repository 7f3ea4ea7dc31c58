"""Reviews prepared in time, and what came of what they decided. Jobs are read before record types are, so each imports its own."""

from __future__ import annotations

from kith.kernel.jobs.declare import job


@job("review.prepare", every="30 4 * * *", label="Prepare the process reviews that are due")
def prepare() -> None:
    """Running it twice prepares nothing the second time."""
    from kith.process.review.preparing import prepare_due

    prepare_due()


@job("review.follow_up", every="40 4 * * *", label="Look at what came of versions published from a review")
def follow_up() -> None:
    """Running it twice finds nothing the second time."""
    from kith.process.review.following import follow_due

    follow_due()
