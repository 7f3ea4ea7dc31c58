"""Fields that reports need to open their rows: the stages a deal has been in, as its story tells, and what touched its people.

They belong to deals and are there to filter by. They stand here because reports are what asks for them.
"""

from __future__ import annotations

from django.db.models import F, IntegerField, Q
from django.db.models.functions import Cast, Round
from django.utils.translation import gettext_lazy as _

from kith.awareness.touches.queries import campaign_columns, touched_by
from kith.deals.kinds import StageLink
from kith.deals.queries import came_to
from kith.insight.standing import StoodIn
from kith.kernel.kinds import Integer, Money, Operator
from kith.kernel.records.columns import Facts
from kith.kernel.records.registry import registry

BEEN_IN, STOOD_IN = "been_in", "stood_in"


class BeenIn(StageLink):
    """Stages a deal has been in at any time, not only the one it stands in now."""

    name = "been_in"

    def ops(self) -> tuple[Operator, ...]:
        return (
            Operator("is", _("is any of"), "many", lambda p, v: Q(**{f"{p}__in": came_to(v)})),
            Operator("is_not", _("is none of"), "many", lambda p, v: ~Q(**{f"{p}__in": came_to(v)})),
        )


deal = registry["deal"]
deal.fields = {
    **deal.fields,
    BEEN_IN: Facts(kind=BeenIn(), label=_("Has been in stage"), expr=F("pk"), faces=frozenset({"filter"})),
    STOOD_IN: Facts(kind=StoodIn(), label=_("Stood in stage"), expr=F("pk"), faces=frozenset({"filter"})),
}

registry.lend("deal", "touched_by", touched_by())
for _key, _facts in campaign_columns().items():
    registry.lend("deal", _key, _facts)

SHOWN = frozenset({"list", "filter", "export", "api"})
LIFETIME = {
    "lifetime_spent": Facts(kind=Money(), label=_("Spent so far"), measure="sum", faces=SHOWN, expr=F("lifetime__spent")),
    "lifetime_expected": Facts(kind=Money(), label=_("Expected in a year"), measure="sum", faces=SHOWN, expr=F("lifetime__expected")),
    "lifetime_low": Facts(kind=Money(), label=_("Expected, at least"), faces=SHOWN, expr=F("lifetime__low")),
    "lifetime_high": Facts(kind=Money(), label=_("Expected, at most"), faces=SHOWN, expr=F("lifetime__high")),
    "buys_again": Facts(
        kind=Integer(), label=_("Likely to buy again, in %"), measure="avg", faces=SHOWN,
        expr=Cast(Round(F("lifetime__alive") * 100), IntegerField()),
    ),
}  # fmt: skip
for _record in ("company", "person"):
    for _key, _facts in LIFETIME.items():
        registry.lend(_record, _key, _facts)
