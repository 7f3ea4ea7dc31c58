"""Background work of retention."""

from __future__ import annotations

from kith.kernel.jobs import job


@job("retention.health", label="Bring customers' health up to date", priority=2)
def health() -> None:
    from kith.retention.health.dirty import work_off

    work_off()


@job("retention.everybody", every="10 3 * * *", label="Work everybody's health out again")
def everybody() -> None:
    from kith.retention.contact.continuity import everybody as compare
    from kith.retention.health.sweeping import everybody as sweep

    sweep()
    compare()


@job("retention.together", every="20 3 * * *", label="Learn what is bought together")
def together() -> None:
    """Nobody's page waits for it: what was learned last is kept."""
    from kith.retention.suggestions.proposing import keep_rules

    keep_rules()


@job("retention.renewals", every="40 4 * * *", label="Open renewals that come up; let go who said that they leave")
def renewals() -> None:
    from kith.retention.churn.announced import leave_due
    from kith.retention.renewals.opening import open_due

    leave_due()
    open_due()


@job("retention.plays", every="50 4 * * *", label="Begin plays for customers at risk")
def plays() -> None:
    from kith.retention.plays.running import begin_due, settle_due

    settle_due()
    begin_due()


@job("retention.train", every="30 2 * * 0", label="Learn who leaves")
def train() -> None:
    from kith.retention.churn.training import train as learn
    from kith.retention.health.sweeping import everybody as sweep

    learn()
    sweep()
