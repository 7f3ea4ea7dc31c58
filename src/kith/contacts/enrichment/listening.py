"""Who is taken in or imported is looked up a moment later, in the background, many at a time."""

from __future__ import annotations

from typing import Any

from kith.contacts.enrichment.applying import BATCH
from kith.contacts.events import LookedUp
from kith.kernel.access.actor import Actor
from kith.kernel.jobs import enqueue_many

CAPTURED, MADE = "person.captured", ("person.created", "company.created")


def handles(verb: str) -> bool:
    return verb == CAPTURED or verb in MADE


def told(verb: str) -> bool:
    """What tells where values are from, or that there is a row: once it is taken back, so is that."""
    return verb == LookedUp.verb or verb in MADE


def nothing(entries: list[Any], by: Actor) -> None:
    """These need nothing when they are written, only when they are taken back."""


def hear(entries: list[Any], by: Actor) -> None:
    """Those who came to us, and rows of an import."""
    wanted: dict[str, dict[int, None]] = {}
    for entry in entries:
        if entry.says.verb_for(entry.record) == CAPTURED or by.channel == "import":
            wanted.setdefault(entry.record, {})[entry.record_id] = None
    for record, ids in wanted.items():
        pks = list(ids)
        enqueue_many(
            "contacts.look_up", [{"record": record, "ids": pks[n : n + BATCH]} for n in range(0, len(pks), BATCH)]
        )
