"""Background work of meetings: sending what is to be told, reading colleagues' other calendars."""

from __future__ import annotations

from kith.engagement.meetings import feeds, letters
from kith.kernel.jobs import job


@job("meetings.tell", attempts=6, queue="mail", label="Send an invitation to a meeting")
def tell(*, booking: int, number: int, to: str, gone: int | None = None) -> None:
    letters.tell(booking, number, to, gone)


@job("meetings.read_feeds", every="*/10 * * * *", label="Read colleagues’ other calendars")
def read_feeds() -> None:
    """Each at its own pace; what cannot be read keeps what was read before."""
    feeds.read_due()
