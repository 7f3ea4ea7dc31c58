"""Goals that were handed over with a customer, for suggestions of what more they could use."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from kith.kernel.access.actor import Actor
from kith.kernel.records.registry import registry
from kith.process.models import Handover
from kith.retention.suggestions.needs import Said

LATEST = 5


def goals(actor: Actor, customer: Any) -> list[Said]:
    """What they want to reach, in their words, the latest accepted hand-over first; of journeys within reach alone."""
    if not actor.can("journey.see"):
        return []
    journeys = (
        registry["journey"].rows(actor, archived=False).filter(**{customer._meta.model_name: customer}).order_by()
    )
    rows = Handover.objects.filter(journey__in=journeys.values("pk"), accepted_at__isnull=False).exclude(goals="")
    told = rows.order_by("-accepted_at").values_list("goals", flat=True)[:LATEST]
    return [Said(words, _("It is among what they want to reach: “%s”")) for words in told]
