"""A customer who left us is on no journey any more; whoever buys again begins a new one, which knows the earlier one."""

from __future__ import annotations

import dataclasses

from kith.kernel.access.actor import Actor, system
from kith.kernel.timeline.write import Entry
from kith.process.journeys.closing import close
from kith.process.journeys.customers import customers_of
from kith.process.models import Outcome
from kith.process.versions import in_use

LEFT = "customer.churned"


def handles(verb: str) -> bool:
    return verb == LEFT and bool(in_use())


def hear(entries: list[Entry], by: Actor) -> None:
    """End the journeys of these customers. Who left alone, while their company stays, is on none of their own."""
    actor = dataclasses.replace(system(cause=entries[0].id), operation=by.operation)
    said = {(e.record, e.record_id): e for e in entries if e.says.verb_for(e.record) == LEFT}
    for customer in customers_of(said):
        told = said.get(customer.ref)
        if told is not None and customer.journey is not None:
            close(
                customer.journey,
                outcome=Outcome.CHURNED,
                reason=str(told.says.payload().get("reason") or "–")[:300],
                by=actor,
            )
