"""Background work of conversion: prices that step with the years of an order."""

from __future__ import annotations

from kith.conversion.stepping import step
from kith.kernel.jobs.declare import job


@job("conversion.step", every="40 * * * *", label="Step prices that were agreed by year")
def step_prices() -> None:
    """Running it twice steps nothing the second time."""
    step()
