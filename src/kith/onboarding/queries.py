"""What other rooms and pages ask of onboarding, actor first."""

from __future__ import annotations

import datetime as dt
import statistics
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Min, Q, QuerySet
from django.utils import timezone

from kith.kernel.access.actor import Actor
from kith.kernel.records.registry import registry
from kith.onboarding.models import RUNNING, Kind, Plan, Side, Step

DAYS, MOST = 730, 50_000


def plans(actor: Actor) -> QuerySet[Any]:
    """The onboardings within the actor's reach."""
    return registry["onboarding_plan"].rows(actor, archived=False)


def late(actor: Actor, owners: tuple[int, ...], today: dt.date | None = None) -> QuerySet[Any]:
    """Customers of these colleagues whose first result is overdue, the longest first."""
    rows = plans(actor).filter(
        RUNNING, owner__in=owners, first_value_on=None, first_value_due__lt=today or timezone.localdate()
    )
    return rows.order_by("first_value_due", "pk")


def held_up(actor: Actor, owners: tuple[int, ...], today: dt.date | None = None) -> QuerySet[Any]:
    """Onboardings of these colleagues in which the customer has something overdue to do, the longest first."""
    theirs = Step.objects.filter(
        side=Side.THEIRS, state="open", archived_at=None, due_on__lt=today or timezone.localdate()
    )
    return plans(actor).filter(RUNNING, owner__in=owners, pk__in=theirs.values("plan")).order_by("due_on", "pk")


def of_customer(actor: Actor, record: str, pk: int, most: int = 3) -> list[Any]:
    """The onboardings of a company or a person, those on their way first."""
    rows = plans(actor).filter(**{record: pk}).select_related("owner", "first_value", "template")
    return sorted(rows.order_by("-signed_on", "-pk")[:20], key=lambda p: p.state != "running")[:most]


@dataclass(frozen=True)
class Progress:
    """A plan's steps without check-ins. `done` of `all`; `next`: what comes next on each side."""

    steps: list[Any]
    done: int
    next: Any
    theirs: list[Any]

    @property
    def all(self) -> int:
        return len(self.steps)

    @property
    def percent(self) -> int:
        return round(100 * self.done / self.all) if self.all else 0


def progress_of(plan: Plan, *, check_ins: bool = False) -> Progress:
    """How far a plan that the caller may see has come. One query."""
    rows = Step.objects.filter(plan=plan, archived_at=None).select_related("doer").order_by("position", "due_on", "pk")
    every = [one for one in rows if check_ins or one.kind != Kind.CHECK_IN]
    own = [one for one in every if one.kind != Kind.CHECK_IN]
    open_ = [one for one in own if one.state == "open" and one.kind != Kind.MILESTONE]
    return Progress(
        every,
        sum(1 for one in own if one.state != "open"),
        next(iter(open_), None),
        [s for s in open_ if s.side == Side.THEIRS],
    )


@dataclass(frozen=True)
class Times:
    """Time to first value of a group. `median` in days, None while nobody reached it; `reached` of `all`; `late`: beyond
    the day it was due, not reached."""

    name: str
    all: int
    reached: int
    median: float | None
    late: int


def times(actor: Actor, by: str = "segment", days: int = DAYS) -> list[Times]:
    """Time to first value by "segment" or "template", of plans signed within these days; the largest group first."""
    column = {"segment": "segment", "template": "template__name"}[by]
    since, today = timezone.localdate() - dt.timedelta(days=days), timezone.localdate()
    rows = plans(actor).filter(signed_on__gte=since).order_by("-signed_on")
    groups: dict[str, list[Any]] = defaultdict(list)
    for name, signed, reached, due, state in rows.values_list(
        column, "signed_on", "first_value_on", "first_value_due", "state"
    )[:MOST]:
        groups[name or ""].append((signed, reached, due, state))
    found = [_times(name, ones, today) for name, ones in groups.items()]
    return sorted(found, key=lambda one: (-one.all, one.name))


def _times(name: str, ones: list[Any], today: dt.date) -> Times:
    took = [(reached - signed).days for signed, reached, _due, _state in ones if reached]
    late_ = sum(1 for _s, reached, due, state in ones if not reached and state == "running" and due and due < today)
    return Times(name, len(ones), len(took), statistics.median(took) if took else None, late_)


def carried(actor: Actor) -> list[dict[str, Any]]:
    """How many onboardings on their way each colleague looks after, those with the most first."""
    rows = plans(actor).filter(RUNNING).values("owner", "owner__name")
    held = Count("pk", filter=Q(first_value_on=None, first_value_due__lt=timezone.localdate()))
    return list(rows.annotate(n=Count("pk"), late=held).order_by("-n", "owner__name"))


def loads() -> dict[int, tuple[int, bool]]:
    """{colleague: (onboardings on their way, whether that is as many as a template of theirs allows)}, of everybody who has
    one. One query."""
    rows = Plan.objects.filter(RUNNING, owner__isnull=False).order_by().values("owner")
    told = rows.annotate(n=Count("pk"), most=Min("template__most_at_once")).values_list("owner", "n", "most")
    return {owner: (n, most is not None and n >= most) for owner, n, most in told}
