"""Who speaks for us: found by what they did, each thing counted once and said in words. Nothing they merely answered counts.

Lent to people as a column ("Did for us"), so that lists and segments find them: `did_for_us.over:2`.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Count, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from kith.advocacy.models import Call, Idea, Reference, Referral, Review, Reward
from kith.kernel.kinds import Integer
from kith.kernel.records.columns import Facts

FACES = frozenset({"list", "filter"})
DID: dict[str, tuple[Any, str, dict[str, Any]]] = {  # what: (table, whose, which rows)
    "referrals": (Referral, "referrer", {"archived_at": None, "reward__in": [Reward.AGREED, Reward.DUE, Reward.PAID]}),
    "reviews": (Review, "person", {"archived_at": None, "state": "left"}),
    "references": (Reference, "person", {"archived_at": None, "state": "published"}),
    "calls": (Call, "reference__person", {}),
    "ideas": (Idea, "person", {"archived_at": None, "shown": True}),
}


def _count(model: Any, whose: str, which: dict[str, Any]) -> Any:
    rows = model.objects.filter(**{whose: OuterRef("pk")}, **which).order_by().values(whose).annotate(n=Count("pk"))
    return Coalesce(Subquery(rows.values("n"), output_field=IntegerField()), 0)


def column() -> Facts:
    """How many things somebody did for us."""
    total = None
    for model, whose, which in DID.values():
        one = _count(model, whose, which)
        total = one if total is None else total + one
    return Facts(kind=Integer(), label=_("Did for us"), faces=FACES, expr=total)


def did(person: int) -> list[str]:
    """The same, each in words; one query for each kind."""
    counts = {
        key: model.objects.filter(**{whose: person}, **which).count() for key, (model, whose, which) in DID.items()
    }
    said = {
        "referrals": ngettext("recommended us %(n)s time", "recommended us %(n)s times", counts["referrals"]),
        "reviews": ngettext("left %(n)s public review", "left %(n)s public reviews", counts["reviews"]),
        "references": ngettext(
            "stands for %(n)s published reference", "stands for %(n)s published references", counts["references"]
        ),
        "calls": ngettext("spoke to %(n)s prospect", "spoke to %(n)s prospects", counts["calls"]),
        "ideas": ngettext("proposed %(n)s idea on the board", "proposed %(n)s ideas on the board", counts["ideas"]),
    }
    return [__(words) % {"n": counts[key]} for key, words in said.items() if counts[key]]
