"""How the sample company's customers stay and leave: the product reads back what was planted."""

from __future__ import annotations

import datetime as dt

import pytest

from kith.kernel.access.actor import system
from kith.process.models import Journey, Stay
from kith.retention.churn.training import backtest
from kith.retention.models import Care, Churn, HealthMoved, HealthPart, Play
from kith.starters.actions import install_sample, remove_sample

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


def test_the_sample_goes_without_a_trace() -> None:
    install_sample(by=system("cli"), people=120, now=NOW)
    remove_sample(by=system("cli"))
    for model in (Churn, Care, HealthMoved, HealthPart, Play):
        assert not model.objects.exists(), model
