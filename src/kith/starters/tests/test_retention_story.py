"""How the sample company's customers stay and leave: the product reads back what was planted."""

from __future__ import annotations

import datetime as dt
from random import Random

import pytest
from django.utils import timezone

from kith.activities.models import Activity, Message
from kith.kernel.access.actor import system
from kith.kernel.timeline.models import Event
from kith.process.models import Journey, Stay
from kith.retention.churn.training import backtest
from kith.retention.models import Care, Churn, HealthMoved, HealthPart, Outcome, Peer, Play, PlayRun
from kith.retention.plays.effect import Case, effect_of
from kith.retention.plays.judging import cases
from kith.retention.plays.peers import tenth_of
from kith.starters.actions import install_sample, remove_sample
from kith.starters.tidewell.plays import ODDS, PLAYED, UNWELL, choose

NOW = dt.datetime(2026, 3, 11, 14, 20, tzinfo=dt.UTC)

pytestmark = pytest.mark.django_db


def test_the_sample_tells_who_left_and_health_told_it_before() -> None:
    install_sample(by=system("cli"), people=900, now=NOW)
    closed = set(Journey.objects.filter(outcome="churned").values_list("company_id", flat=True))
    left = set(Churn.objects.values_list("company_id", flat=True))
    assert left
    assert left == closed & left
    assert len(left) >= 0.9 * len(closed)
    assert Care.objects.filter(company__customer_until=None, health__isnull=False).count() > 50
    assert not Care.objects.filter(company__in=left, company__customer_until__lte=NOW.date()).exists()

    # Who skipped onboarding leaves several times as often.
    onboarded = set(Stay.objects.filter(stage="onboard").values_list("journey__company_id", flat=True))
    served = set(Stay.objects.filter(stage="support").values_list("journey__company_id", flat=True))
    share = {
        key: len(some & left) / len(some)
        for key, some in (("onboarded", served & onboarded), ("skipped", served - onboarded))
    }
    assert share["skipped"] > 1.8 * share["onboarded"]

    # The story tells each leaving on its day.
    days = dict(Churn.objects.values_list("company_id", "ended_on"))
    churned = Event.objects.filter(verb="customer.churned")
    assert {event.record_id: timezone.localdate(event.at) for event in churned} == days

    plays_agree_with_who_left(days)

    # Health, as it stood two months before the end, told who would leave.
    day = NOW - dt.timedelta(days=30)
    health: dict[int, int] = {}
    for company, points in (
        HealthMoved.objects.filter(at__lte=day, company__isnull=False).order_by("at").values_list("company_id", "after")
    ):
        health[company] = points
    soon = set(Churn.objects.filter(ended_on__gt=day.date()).values_list("company_id", flat=True))
    here = [pk for pk in health if pk not in left or pk in soon]
    told = backtest([health[pk] for pk in here], [pk in soon for pk in here])
    assert told is None or told["auc"] > 0.5


def plays_agree_with_who_left(days: dict[int, dt.date]) -> None:
    """Plays were for who was not well, ended as those customers did, and have peers like them; nothing was sent."""
    runs = list(PlayRun.objects.select_related("play").prefetch_related("peers"))
    assert len(runs) > 10
    assert {run.outcome for run in runs} >= {Outcome.SAVED, Outcome.RUNNING}
    for run in runs:
        assert run.health is not None and run.health < UNWELL
        end = run.began_on + dt.timedelta(days=run.play.within)
        gone = days.get(run.company_id)
        left = gone is not None and run.began_on < gone <= end
        assert run.outcome == (Outcome.LOST if left else Outcome.SAVED if end <= NOW.date() else Outcome.RUNNING)
        assert run.ended_on == (gone if left else end if end <= NOW.date() else None)
        assert all(tenth_of(None, peer.health) == tenth_of(None, run.health) for peer in run.peers.all())
        assert run.company_id not in {peer.company_id for peer in run.peers.all()}
    told = Event.objects.filter(record="play_run")
    assert not told.filter(at__gt=NOW).exists()
    assert told.filter(verb="play.began").count() == len(runs)
    tasks = Activity.objects.filter(subject="Look at their tickets together")
    assert tasks.count() >= len(runs) - 5
    assert not tasks.filter(done_at=None).exists()
    assert not Message.objects.filter(state="queued").exists()
    judged = [case for some in cases(NOW.date()).values() for case in some]
    assert {case.treated for case in judged} == {True, False}


def test_among_customers_who_were_not_well_the_odds_of_leaving_with_a_play_are_a_quarter() -> None:
    """The planted truth, at a size at which chance is small: what plays bring is found as the product finds it."""
    random, day = Random(4), dt.date(2026, 1, 1)
    health = {pk: random.randrange(20, 100) for pk in range(60_000)}
    left = {pk: day + dt.timedelta(days=random.randint(1, 89)) for pk in health if random.random() < 0.2}
    told = list(choose([(day, health)], left, 90, random))
    assert all(one.health < UNWELL for one in told)
    assert pytest.approx(0.25) == ODDS
    n = {
        fate: sum((pk in left) is (fate == "left") for pk, points in health.items() if points < UNWELL)
        for fate in PLAYED
    }
    had = {fate: sum((one.left is not None) is (fate == "left") for one in told) for fate in PLAYED}
    for fate, share in PLAYED.items():
        assert had[fate] / n[fate] == pytest.approx(share, abs=0.001)
    found = effect_of(
        Case((100 - points) / 100, treated, pk in left)
        for one in told for pk, points, treated in ((one.company, one.health, True), *((pk, points, False) for pk, points in one.peers))
    )  # fmt: skip
    with_play = PLAYED["left"] * 0.2 / (PLAYED["left"] * 0.2 + PLAYED["stayed"] * 0.8)
    without = 0.8 * 0.2 / (0.8 * 0.2 + 0.5 * 0.8)
    assert found.helps
    assert found.low is not None and found.high is not None
    assert found.low <= with_play - without <= found.high


def test_the_sample_goes_without_a_trace() -> None:
    install_sample(by=system("cli"), people=120, now=NOW)
    remove_sample(by=system("cli"))
    for model in (Churn, Care, HealthMoved, HealthPart, Play, PlayRun, Peer):
        assert not model.objects.exists(), model
