"""Who speaks for us: found by what they did, each thing counted once and said in words. Nothing they merely answered counts.

Lent to people as a column ("Did for us"), so that lists and segments find them: `did_for_us.over:2`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import Any

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from kith.advocacy.models import Call, Idea, Reference, Referral, Review, Reward
from kith.kernel.kinds import Integer
from kith.kernel.records.columns import Facts

FACES = frozenset({"list", "filter"})


@dataclass(frozen=True)
class Deed:
    """One sort of what people do for us: which rows, whose they are, and what tells of one: its record type, the column with
    that row's id, and the day."""

    model: Any
    whose: str
    which: dict[str, Any]
    says: Any
    record: str
    id: str
    on: str

    def of(self, person: Any) -> QuerySet[Any]:
        return self.model.objects.filter(**{self.whose: person}, **self.which)

    def count(self) -> Any:
        """How many, as a column of people."""
        rows = self.of(OuterRef("pk")).order_by().values(self.whose).annotate(n=Count("pk"))
        return Coalesce(Subquery(rows.values("n"), output_field=IntegerField()), 0)


DID = {
    "referrals": Deed(Referral, "referrer", {"archived_at": None, "reward__in": [Reward.AGREED, Reward.DUE, Reward.PAID]},
                      _("recommended us"), "referral", "pk", "created_at"),
    "reviews": Deed(Review, "person", {"archived_at": None, "state": "left"}, _("left a public review"), "public_review", "pk", "left_at"),
    "references": Deed(Reference, "person", {"archived_at": None, "state": "published"}, _("stands for a reference"),
                       "reference", "pk", "published_on"),
    "calls": Deed(Call, "reference__person", {}, _("spoke to a prospect"), "reference", "reference", "on"),
    "ideas": Deed(Idea, "person", {"archived_at": None, "shown": True}, _("proposed an idea"), "idea", "pk", "created_at"),
}  # fmt: skip


def column() -> Facts:
    """How many things somebody did for us."""
    total = reduce(add, (deed.count() for deed in DID.values()))
    return Facts(kind=Integer(), label=_("Did for us"), faces=FACES, expr=total)


def did(person: int) -> list[str]:
    """The same, each in words; one query for each kind."""
    counts = {key: deed.of(person).count() for key, deed in DID.items()}
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
