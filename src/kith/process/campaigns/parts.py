"""What a campaign brought, for programs: the figures of its panel in one row, none for who may not see people and deals."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from kith.kernel.access.actor import Actor
from kith.kernel.kinds import Integer, Number, Text
from kith.kernel.records.parts import Part
from kith.process.campaigns.results import Count, Results, results_of

COUNTED = ("leads", "qualified", "customers", "retained")


@dataclass(frozen=True)
class Told:
    """The results, each count as `leads` and what each of them cost as `leads_each`."""

    results: Results

    def __getattr__(self, name: str) -> Any:
        key = name.removesuffix("_each")
        if key in COUNTED:
            found: Count = next(one for one in self.results.counts if one.key == key)
            return found.n if key == name else found.each
        return getattr(self.results, name)

    @property
    def spent(self) -> Decimal | None:
        return self.results.worth.spent if self.results.worth else None

    @property
    def expected(self) -> Decimal | None:
        return self.results.worth.expected if self.results.worth else None


def _results(actor: Actor, campaign: Any) -> list[Told]:
    found = results_of(actor, campaign)
    return [] if found is None else [Told(found)]


_MONEY = Number(18, 2)
RESULTS = Part(
    "results", _("What it brought"),
    {"currency": Text(3), "cost": _MONEY, **{key: Integer() for key in COUNTED}, **{f"{key}_each": _MONEY for key in COUNTED},
     "deals": Integer(), "won": _MONEY, "returned": Number(18, 4), "spent": _MONEY, "expected": _MONEY,
     "lasting": Number(18, 4), "unrated": Integer()},
    _results,
)  # fmt: skip
