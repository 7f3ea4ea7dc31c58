"""The column lent to companies: how much of what we ask of companies is known."""

from __future__ import annotations

from django.db.models import Case, F, IntegerField, When
from django.utils.translation import gettext_lazy as _

from kith.kernel.kinds import Integer
from kith.kernel.records.columns import Facts
from kith.kernel.records.registry import registry

KNOWN = Case(
    When(checklist_known__asked__gt=0, then=F("checklist_known__known") * 100 / F("checklist_known__asked")),
    output_field=IntegerField(),
)
registry.lend("company", "checklist", Facts(
    kind=Integer(), label=_("Checklist known, in %"), measure="avg", faces=frozenset({"list", "filter", "export", "api"}), expr=KNOWN,
))  # fmt: skip
