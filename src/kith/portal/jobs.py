"""Background work of the customers' door."""

from __future__ import annotations

from kith.kernel.jobs.declare import job
from kith.portal.entering import mail_key, sweep


@job("portal.mail_key", label="Send a customer the link by which they come in")
def send_key(address: str) -> None:
    """Running it twice sends two links, each of which works once."""
    mail_key(address)


@job("portal.sweep", every="40 4 * * *", label="Forget customers' visits that are over")
def forget() -> None:
    """Running it twice forgets nothing more."""
    sweep()
