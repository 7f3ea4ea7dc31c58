"""Whom a play is judged against: customers as likely to leave on the day it began, for whom nothing was done.

They are noted with what was known of them then. Asked later, only who is still there would have a chance, and another one.
Where no chance is predicted yet, health takes its place.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Abs
from django.utils import timezone

from kith.kernel.records.registry import registry
from kith.retention.customers import RECORDS, current
from kith.retention.models import Care, Outcome, Peer, PlayRun

EACH = 4  # for one play
REST = 180  # days after a play before one begins by itself again for the same customer


def tenth_of(chance: float | None, health: int | None) -> int | None:
    """0 to 9 by the chance of leaving, else by health, where 9 is the worst; None where neither is known."""
    if chance is not None:
        return min(int(chance * 10), 9)
    return None if health is None else min((100 - health) // 10, 9)


def without_play(rows: QuerySet[Care], today: dt.date) -> QuerySet[Care]:
    """Those who are customers, with no play under way and none within half a year."""
    busy = PlayRun.objects.filter(
        Q(outcome=Outcome.RUNNING) | Q(began_on__gt=today - dt.timedelta(days=REST)), archived_at=None
    )
    for record in RECORDS:
        rows = rows.exclude(**{f"{record}__in": busy.filter(**{f"{record}__isnull": False}).values(record)})
        now = registry[record].model._default_manager.filter(current()).values("pk")
        rows = rows.filter(Q(**{f"{record}__isnull": True}) | Q(**{f"{record}__in": now}))
    return rows


def note(runs: Iterable[PlayRun], today: dt.date | None = None) -> int:
    """Note the peers of plays that begin; returns how many. Nobody is the peer of two plays at a time."""
    day, n = today or timezone.localdate(), 0
    for run in runs:
        until = day + dt.timedelta(days=run.play.within)
        made = [
            Peer(run=run, company_id=one.company_id, person_id=one.person_id, chance=one.chance, health=one.health, until=until)
            for one in _alike(run, day)
        ]  # fmt: skip
        n += len(Peer.objects.bulk_create(made))
    return n


def tell(told: Iterable[tuple[PlayRun, int, int]]) -> int:
    """Write down who the peers of plays gone by were: (play under way, company, its health on that day)."""
    made = [
        Peer(run=run, company_id=company, health=health, until=run.began_on + dt.timedelta(days=run.play.within))
        for run, company, health in told
    ]
    return len(Peer.objects.bulk_create(made, batch_size=5000))


def _alike(run: PlayRun, day: dt.date) -> Any:
    """Customers of the same tenth, those nearest first."""
    tenth = tenth_of(run.chance, run.health)
    if tenth is None:
        return ()
    rows = (
        Care.objects.exclude(company=run.company_id) if run.company_id else Care.objects.exclude(person=run.person_id)
    )
    if run.chance is not None:
        within = Q(chance__gte=tenth / 10) if tenth == 9 else Q(chance__gte=tenth / 10, chance__lt=(tenth + 1) / 10)
        rows = rows.filter(within).order_by(Abs(F("chance") - run.chance), "pk")
    else:
        worst = 0 if tenth == 9 else 100 - tenth * 10 - 9
        rows = rows.filter(chance=None, health__gte=worst, health__lte=100 - tenth * 10)
        rows = rows.order_by(Abs(F("health") - (run.health or 0)), "pk")
    looked_at = Peer.objects.filter(until__gt=day, run__archived_at=None)
    for record in RECORDS:
        rows = rows.exclude(**{f"{record}__in": looked_at.filter(**{f"{record}__isnull": False}).values(record)})
    return without_play(rows, day)[:EACH]
