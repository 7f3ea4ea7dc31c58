"""Columns and verbs lent to companies and people: how they are, how likely they leave, when we speak again."""

from __future__ import annotations

from django.db.models import F, IntegerField, Value
from django.db.models.functions import Cast, Coalesce, Round
from django.utils.translation import gettext_lazy as _

from kith.kernel.kinds import Choice, Day, Integer, Moment, Text
from kith.kernel.records.columns import Facts
from kith.kernel.records.registry import registry
from kith.retention import events
from kith.retention.churn.leaving import churn
from kith.retention.health.usage import count
from kith.retention.parts import BANDS
from kith.retention.plays.running import start

SHOWN = frozenset({"list", "filter", "export", "api"})
LENT = {
    "health": Facts(kind=Integer(), label=_("Health"), measure="avg", faces=SHOWN, expr=F("care__health")),
    "health_band": Facts(kind=Choice(BANDS), label=_("Health is"), faces=SHOWN, expr=Coalesce(F("care__band"), Value(""))),
    "health_confidence": Facts(kind=Integer(), label=_("Health known, in %"), measure="avg", faces=SHOWN, expr=F("care__confidence")),
    "churn_chance": Facts(
        kind=Integer(), label=_("Chance of leaving, in %"), measure="avg", faces=SHOWN,
        expr=Cast(Round(F("care__chance") * 100), IntegerField()),
    ),
    "tier": Facts(kind=Text(80), label=_("Tier"), faces=SHOWN, expr=Coalesce(F("care__tier__name"), Value(""))),
    "spoke_at": Facts(kind=Moment(), label=_("Last said something"), faces=SHOWN, expr=F("care__spoke_at")),
    "speak_by": Facts(kind=Day(), label=_("Speak again by"), faces=SHOWN, expr=F("care__due_on")),
}  # fmt: skip
EVENTS = (events.HealthFell, events.HealthRose, events.Churned, events.CareFell)
for record in ("company", "person"):
    for key, facts in LENT.items():
        registry.lend(record, key, facts)
registry.lend_actions("company", churn, start, count, events=EVENTS)
registry.lend_actions("person", churn, start, count)
