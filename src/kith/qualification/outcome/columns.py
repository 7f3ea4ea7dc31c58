"""Columns lent to people: since when a lead waits for a verdict, and until when somebody must have answered."""

from __future__ import annotations

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from kith.kernel.kinds import Moment
from kith.kernel.records.columns import Facts
from kith.kernel.records.registry import registry

SHOWN = frozenset({"list", "filter", "export", "api"})
registry.lend(
    "person",
    "waiting_since",
    Facts(kind=Moment(), label=_("Waits for a verdict since"), faces=SHOWN, expr=F("waiting_lead__since")),
)
registry.lend(
    "person", "answer_due", Facts(kind=Moment(), label=_("Answer due"), faces=SHOWN, expr=F("waiting_lead__due_at"))
)
