"""Whoever buys where nothing is handed over: in a process without a hand-over, or with the hand-over behind them.

Nobody would accept them, which is what begins an onboarding; so theirs begins with the win, at whoever looks after them.
History from elsewhere and the sample's story begin none.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from kith.kernel.access.actor import Actor
from kith.kernel.records.registry import registry
from kith.kernel.timeline.write import Entry
from kith.onboarding.listening import begin_for
from kith.onboarding.moving import of_kith
from kith.process.models import RUNNING, Journey
from kith.process.versions import definition_of, in_use

WON = "deal.won"


def handles(verb: str) -> bool:
    return verb == WON and bool(in_use())


def hear(entries: list[Entry], by: Actor) -> None:
    """Begin the onboardings of deals that were just won."""
    if by.channel == "import" or (by.is_system and by.user_id is not None):
        return
    deals = registry["deal"].model._default_manager.filter(pk__in={entry.record_id for entry in entries}, status="won")
    for deal in deals.select_related("contact").order_by("pk"):
        journey = _journey(deal)
        if journey is not None and not _ahead(journey) and _new_to_them(journey, deal):
            begin_for(journey, journey.customer.owner_id, of_kith(by))


def _journey(deal: Any) -> Journey | None:
    company = deal.company_id or (deal.contact.company_id if deal.contact else None)
    of = Q(company=company) if company else Q(person=deal.contact_id or 0)
    return Journey.objects.filter(RUNNING).filter(of).select_related("company", "person", "owner").first()


def _ahead(journey: Journey) -> bool:
    """Is there a hand-over still to come?"""
    definition = definition_of(journey.process_id, journey.held_to)
    here = definition.order[journey.stage]
    return any(stage.handover and definition.order[stage.key] > here for stage in definition.stages)


def _new_to_them(journey: Journey, deal: Any) -> bool:
    """Did they buy something that no onboarding of theirs was about, stopped ones apart? Buying the same again begins none."""
    of = Q(company=journey.company_id) if journey.company_id else Q(person=journey.person_id)
    known = registry["onboarding_plan"].model._default_manager.filter(of, archived_at=None).exclude(state="stopped")
    if not known.exists():
        return True
    bought = {*deal.lines.values_list("product_id", flat=True), deal.product_id} - {None}
    had = set(known.values_list("deal__lines__product_id", flat=True)) | set(
        known.values_list("deal__product_id", flat=True)
    )
    had |= set(known.values_list("order__lines__product_id", flat=True))
    return bool(bought - had)
