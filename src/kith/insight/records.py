"""A field that reports need to open their rows: the stages a deal has been in, as its story tells.

It belongs to deals and is only there to filter by. It stands here because the funnel is what asks for it.
"""

from __future__ import annotations

from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from kith.deals.kinds import StageLink
from kith.deals.queries import came_to
from kith.kernel.kinds import Operator
from kith.kernel.records.columns import Facts
from kith.kernel.records.registry import registry

BEEN_IN = "been_in"


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
}
