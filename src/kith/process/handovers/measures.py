"""How hand-overs fare: how long until somebody takes over, and how often they had to ask back, by giver and by team."""

from __future__ import annotations

import datetime as dt
import statistics
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from kith.kernel.access.actor import Actor
from kith.kernel.calendars.queries import calendar_of
from kith.kernel.records.registry import registry
from kith.process.models import Handover

DAYS, MOST = 365, 5000


@dataclass(frozen=True)
class Passed:
    """One hand-over from the first offer to the answer that settled it. `took`: working time until it was accepted, None
    while it is not; `asked_back`: how often something was missing."""

    giver: str
    team: str
    took: dt.timedelta | None
    asked_back: int


@dataclass(frozen=True)
class Line:
    """A row of the table. `median`: of working time until accepted; `asked_back`: share of hand-overs that went back, 0 to 1."""

    name: str
    offered: int
    accepted: int
    median: dt.timedelta | None
    asked_back: float


def passed(actor: Actor, days: int = DAYS) -> list[Passed]:
    """The hand-overs of these days on journeys within reach, the offers of one relationship to one stage put together."""
    rows = Handover.objects.filter(offered_at__gte=timezone.now() - dt.timedelta(days=days))
    journeys = registry["journey"]
    if journeys.scope.q(actor, "journey", "see") != Q():
        rows = rows.filter(journey__in=journeys.rows(actor).values("pk"))
    newest = list(rows.select_related("giver", "team").order_by("-offered_at", "-pk")[:MOST])
    calendar = calendar_of()
    out = []
    for _key, offers in groupby(sorted(newest, key=_place), key=lambda h: (h.journey_id, h.stage)):
        chain = list(offers)
        accepted = next((h.accepted_at for h in chain if h.accepted_at), None)
        took = calendar.between(chain[0].offered_at, accepted) if accepted else None
        giver, team = chain[0].giver, chain[0].team
        out.append(
            Passed(
                giver.name if giver else _("Somebody"),
                team.name if team else "",
                took,
                sum(1 for h in chain if h.returned_at),
            )
        )
    return out


def _place(handover: Any) -> tuple[Any, ...]:
    return handover.journey_id, handover.stage, handover.offered_at, handover.pk


def lines(found: Iterable[Passed], by: Callable[[Passed], str]) -> list[Line]:
    """Lines of a table, one for each giver or team, those that hand over most first."""
    groups: dict[str, list[Passed]] = defaultdict(list)
    for one in found:
        groups[by(one)].append(one)
    return sorted((line(name, ones) for name, ones in groups.items()), key=lambda one: (-one.offered, one.name))


def line(name: str, ones: list[Passed]) -> Line:
    times = [one.took for one in ones if one.took is not None]
    median = dt.timedelta(seconds=statistics.median(t.total_seconds() for t in times)) if times else None
    return Line(
        name, len(ones), len(times), median, sum(1 for one in ones if one.asked_back) / len(ones) if ones else 0.0
    )
