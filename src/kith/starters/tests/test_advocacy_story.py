"""What Tidewell's customers answered: what was planted is what surveys find."""

import datetime as dt

import pytest

from kith.kernel.access.actor import system
from kith.kernel.records.registry import registry
from kith.starters.actions import install_sample
from kith.starters.tidewell.advocacy import ANSWERS, PROMOTES, WARNS
from kith.surveys import figures
from kith.surveys.shares import LEAST, recommendation, share

NOW = dt.datetime(2026, 3, 11, 14, 20, tzinfo=dt.UTC)


@pytest.mark.django_db
def test_customers_who_were_onboarded_recommend_us_more_and_answer_more_often():
    from kith.process.models import Journey, Stay

    install_sample(by=system("cli"), people=1_600, now=NOW)
    rows = figures.rows_of(system(), "nps", None, None, None)
    onboarded = Journey.objects.filter(pk__in=Stay.objects.filter(stage="onboard").values("journey")).values("company")
    for fate, theirs in (
        ("onboarded", rows.filter(company__in=onboarded)),
        ("skipped", rows.exclude(company__in=onboarded)),
    ):
        found = theirs.aggregate(**figures.COUNTS)
        answered, score = (
            share(found["answered"], found["asked"]),
            recommendation(found["high"], found["low"], found["answered"]),
        )
        assert found["answered"] >= LEAST, fate
        assert answered.low - 0.05 <= ANSWERS[fate] <= answered.high + 0.05
        assert score.low - 0.05 <= PROMOTES[fate] - WARNS[fate] <= score.high + 0.05
    assert set(registry["referral"].rows(system()).values_list("reward", flat=True)) >= {"agreed"}
    assert registry["public_review"].rows(system()).filter(state="left").exists()
    assert registry["article"].rows(system()).filter(state="published", audience="public").count() == 6
    out = figures.figures(system(), "nps")
    assert out.loops["closed"] > 0.6 * out.loops["all"] > 0 and len(out.trend) >= 3
