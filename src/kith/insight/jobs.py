"""Background work of insight."""

from __future__ import annotations

from kith.kernel.jobs import job


@job("insight.lifetime", every="20 4 * * *", label="Work out what customers are worth")
def lifetime() -> None:
    from kith.insight.lifetime.keeping import keep

    keep()
