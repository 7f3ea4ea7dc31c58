"""Search's own upkeep."""

from __future__ import annotations

from kith.kernel.jobs.declare import job
from kith.kernel.search.visits import forget_visits


@job("search.forget_visits", every="25 3 * * *", label="Forget which records were opened long ago")
def forget() -> None:
    """Running it twice changes nothing the second time."""
    forget_visits()
