"""Background work of consent: asking for confirmation."""

from __future__ import annotations

from kith.contacts.consent import mails
from kith.kernel.jobs import job


@job("consent.ask_to_confirm", attempts=6, queue="mail", label="Ask somebody to confirm")
def ask_to_confirm(*, ids: list[int]) -> None:
    """Running it twice sends once."""
    mails.ask_to_confirm(ids)
