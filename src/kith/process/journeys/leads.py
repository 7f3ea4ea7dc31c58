"""What qualifying decides ends journeys too: somebody who is not a fit is no longer on their way to us.

Going further needs nothing here: stages name `lead.qualified` among what they are entered on. Coming back does not either:
whoever comes to us again begins a new journey, which knows the earlier one.
"""

from __future__ import annotations

import dataclasses

from kith.kernel.access.actor import Actor, system
from kith.kernel.records.registry import registry
from kith.kernel.timeline.write import Entry
from kith.process.journeys.closing import close
from kith.process.journeys.customers import Customer, customers_of
from kith.process.models import Outcome
from kith.process.versions import definition_of, in_use

NOT_A_FIT, SOLD = "lead.not_a_fit", "deal.won"


def handles(verb: str) -> bool:
    return verb == NOT_A_FIT and bool(in_use())


def hear(entries: list[Entry], by: Actor) -> None:
    """End the journeys of these people, where it was theirs alone and nothing was sold yet."""
    actor = dataclasses.replace(system(cause=entries[0].id), operation=by.operation)
    said = {(e.record, e.record_id): e for e in entries if e.says.verb_for(e.record) == NOT_A_FIT}
    for customer in customers_of(said):
        told = next((said[ref] for ref in (customer.ref, *customer.people) if ref in said), None)
        if told is not None and customer.journey is not None and _alone(customer) and not _sold(customer):
            close(customer.journey, outcome=Outcome.DISQUALIFIED, reason=told.says.payload()["reason"][:300], by=actor)


def _alone(customer: Customer) -> bool:
    """A company goes on as long as somebody else there may be a fit."""
    if customer.ref[0] == "person":
        return True
    people = registry["person"].model._default_manager.filter(company=customer.ref[1], archived_at__isnull=True)
    return not people.exclude(pk__in=[pk for _record, pk in customer.people]).exists()


def _sold(customer: Customer) -> bool:
    journey = customer.journey
    assert journey is not None
    definition = definition_of(journey.process_id, journey.held_to)
    after = [definition.order[s.key] for s in definition.stages if SOLD in s.enters_on]
    return bool(after) and definition.order[journey.stage] >= min(after)
