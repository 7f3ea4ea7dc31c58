"""Who withdraws is forgotten in the same transaction: which mails they opened, and which links they followed. The story keeps
that it happened, as it keeps everything, without an address.
"""

from __future__ import annotations

from typing import Any

from kith.engagement.models import TrackedMail
from kith.engagement.tracking.allowing import PURPOSE
from kith.kernel.access.actor import Actor
from kith.kernel.timeline.write import Entry

WITHDRAWN = "person.consent_withdrawn"


def handles(verb: str) -> bool:
    return verb == WITHDRAWN


def about_tracking(said: Any) -> bool:
    return getattr(said, "purpose", "") == PURPOSE


def hear(entries: list[Entry], by: Actor) -> None:
    people = {entry.record_id for entry in entries if about_tracking(entry.says)}
    if people:
        TrackedMail.objects.filter(person__in=people).delete()
