"""The effect of plays so far: customers with one against those noted as alike on the day it began, who had none."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict

from django.db.models import Count
from django.utils import timezone

from kith.retention.models import Churn, Peer, PlayRun
from kith.retention.plays.effect import Case, Effect, effect_of
from kith.retention.plays.peers import tenth_of

Who = tuple[int | None, int | None]  # a company or a person


def effect_now(today: dt.date | None = None) -> Effect:
    """Of all plays whose time is over."""
    return effect_of(case for some in cases(today).values() for case in some)


def effect_by_play(today: dt.date | None = None) -> dict[int, Effect]:
    """{play: effect} of every play that has somebody to be compared with."""
    return {play: effect_of(some) for play, some in cases(today).items()}


def without_peers() -> dict[int, int]:
    """{play: how often it began with nobody noted to be compared with}; those times are never judged."""
    rows = PlayRun.objects.filter(archived_at=None, peers=None).order_by().values("play")
    return dict(rows.annotate(n=Count("pk")).values_list("play", "n"))


def cases(today: dt.date | None = None) -> dict[int, list[Case]]:
    """{play: its customers and their peers}, each by what was known of them when the play began. A peer for whom a play began
    within that time is none any more. Four queries, whatever their number."""
    day = today or timezone.localdate()
    peers = Peer.objects.filter(until__lte=day, run__archived_at=None).order_by("pk")
    of: dict[int, list[Peer]] = defaultdict(list)
    for peer in peers:
        of[peer.run_id].append(peer)
    left, began = _days(Churn, "ended_on"), _days(PlayRun, "began_on")
    out: dict[int, list[Case]] = defaultdict(list)
    for run in PlayRun.objects.filter(pk__in=list(of)).order_by("pk"):
        since, until = run.began_on, of[run.pk][0].until
        out[run.play_id].append(_case(run, True, since, until, left))
        for peer in of[run.pk]:
            if not _within(began, (peer.company_id, peer.person_id), since, until):
                out[run.play_id].append(_case(peer, False, since, until, left))
    return dict(out)


def _case(one: PlayRun | Peer, treated: bool, since: dt.date, until: dt.date, left: dict[Who, list[dt.date]]) -> Case:
    """Compared with those of the same month, known by the same measure."""
    risk = one.chance if one.chance is not None else (100 - (one.health or 0)) / 100
    measure = "chance" if one.chance is not None else "health"
    group = f"{since:%Y-%m} {(until - since).days} {measure} {tenth_of(one.chance, one.health)}"
    return Case(risk, treated, _within(left, (one.company_id, one.person_id), since, until), group)


def _days(model: type[Churn] | type[PlayRun], of: str) -> dict[Who, list[dt.date]]:
    out: dict[Who, list[dt.date]] = defaultdict(list)
    for company, person, day in model._default_manager.filter(archived_at=None).values_list(
        "company_id", "person_id", of
    ):
        out[company, person].append(day)
    return out


def _within(days: dict[Who, list[dt.date]], who: Who, since: dt.date, until: dt.date) -> bool:
    return any(since <= day <= until for day in days.get(who, ()))
