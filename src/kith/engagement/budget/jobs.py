"""Background work of the contact budget."""

from __future__ import annotations

from kith.engagement.budget import spending
from kith.kernel.jobs import job


@job("budget.purge", every="55 3 * * *", label="Delete old contacts of the budget")
def purge() -> None:
    spending.purge()
