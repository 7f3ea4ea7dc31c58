"""Tell open pages that something changed: a NOTIFY that PostgreSQL sends when the transaction commits, or never.

The payload carries names and ids only; a page that hears its topic asks for the fragment again, through access checks.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from django.db import connection

CHANNEL = "kith_live"
LONGEST = 7900  # bytes; PostgreSQL refuses payloads of 8000


def announce(topics: Iterable[str], event: str = "") -> None:
    """Announce `topics` ("deal", "deal:5") with the id of the event that caused it, at this transaction's commit."""
    with connection.cursor() as cursor:
        for payload in payloads(sorted(set(topics)), event):
            cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, payload])


def payloads(topics: list[str], event: str) -> Iterable[str]:
    """The topics as JSON texts, each short enough for one NOTIFY."""
    text = json.dumps({"topics": topics, "event": event})
    if len(text) <= LONGEST or len(topics) < 2:
        yield text
        return
    half = len(topics) // 2
    yield from payloads(topics[:half], event)
    yield from payloads(topics[half:], event)
