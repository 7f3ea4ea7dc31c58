"""A customer accepts a quote: what stood on it as promised is a promise from now on, proved by the acceptance.

Quotes belong to another room, so that only what its event tells is known here: `promises`, each with `wording` and `due`.
"""

from __future__ import annotations

import dataclasses
import datetime as dt

from kith.conversion import promises
from kith.kernel.access.actor import Actor, system
from kith.kernel.records.registry import registry
from kith.kernel.timeline.write import Entry

ACCEPTED = "quote.accepted"


def handles(verb: str) -> bool:
    return verb == ACCEPTED


def hear(entries: list[Entry], by: Actor) -> None:
    """Make the promises of each accepted quote."""
    for entry in entries:
        told = entry.says.payload()
        deal = registry["deal"].model._default_manager.filter(pk=told.get("deal")).first()
        if deal is None:
            continue
        actor = dataclasses.replace(system(by.channel, cause=entry.id), operation=by.operation)
        for one in told.get("promises", ()):
            due = one.get("due")
            values = {
                "wording": one["wording"], "deal": deal, "due_on": dt.date.fromisoformat(due) if due else None,
                "quote": one["wording"], "evidence": "quote",
            }  # fmt: skip
            promises.create(values, by=actor, source=entry.id)
