"""A first result that is known by use: a counter that programs report comes to a number on a day.

Whoever keeps counts tells of them (`process/apps.py` joins the two). Use from before the signature is not the use of what
was bought.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any, Protocol

from django.db.models import Q
from django.utils import timezone

from kith.kernel.access.actor import system
from kith.kernel.organisation.models import cached
from kith.onboarding.actions import reached
from kith.onboarding.models import RUNNING, FirstValue, Plan
from kith.onboarding.moving import of_kith


class Counted(Protocol):
    """So much of `counter` for one customer, ("company" or "person", id), on a day."""

    @property
    def customer(self) -> tuple[str, int]: ...
    @property
    def counter(self) -> str: ...
    @property
    def day(self) -> dt.date: ...
    @property
    def amount(self) -> float: ...


def least() -> dict[str, float]:
    """{counter: the smallest number that is a first result for anybody}, read once per configuration stamp."""
    found: dict[str, float] = cached("onboarding.counters", _load, ("first_value",))
    return found


def _load() -> dict[str, float]:
    rows = FirstValue.objects.filter(archived_at=None).exclude(counter="").order_by("-reaches")
    return dict(rows.values_list("counter", "reaches"))


def hear(counts: Iterable[Counted]) -> None:
    """Say of the customers whose use came that far that their first result is reached. Nothing is asked where no count did;
    else one query finds the plans of any number of them."""
    asked = least()
    far = [one for one in counts if one.counter in asked and one.amount >= asked[one.counter]]
    if not far:
        return
    ids = {kind: {one.customer[1] for one in far if one.customer[0] == kind} for kind in ("company", "person")}
    plans = Plan.objects.filter(RUNNING, first_value__counter__in={one.counter for one in far}, first_value_on=None)
    plans = plans.filter(Q(company__in=ids["company"]) | Q(person__in=ids["person"])).select_related("first_value")
    for plan in plans.order_by("pk"):
        if days := [one.day for one in far if _says(plan, one)]:
            reached(plan, min(*days, timezone.localdate()), "", of_kith(system("job")))


def _says(plan: Any, one: Counted) -> bool:
    """Is this count the first result of the plan?"""
    rule = plan.first_value
    theirs = one.customer in (("company", plan.company_id), ("person", plan.person_id))
    return theirs and one.counter == rule.counter and one.amount >= rule.reaches and one.day >= plan.signed_on
