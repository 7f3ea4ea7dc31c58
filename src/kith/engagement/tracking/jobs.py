"""Telling of opens and clicks, off the request that counted them."""

from __future__ import annotations

import datetime as dt

from kith.engagement.tracking import counting
from kith.kernel.jobs import job


@job("engagement.mail_seen")
def mail_seen(mail: int, link: int, happened: str) -> None:
    """`link` is 0 for an open."""
    counting.tell(mail, link, dt.datetime.fromisoformat(happened))
