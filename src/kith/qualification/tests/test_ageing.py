"""The predicted chance of a lead wears off while nothing is decided, as those who were decided teach it."""

import datetime as dt
import random

import pytest
from django.utils import timezone

from kith.kernel.access.actor import system
from kith.kernel.customfields.actions import define
from kith.kernel.records.bulk_create import New, bulk_create
from kith.kernel.records.registry import registry
from kith.qualification.models import Lead, Model, Verdict
from kith.qualification.predicting.applying import document, keep
from kith.qualification.predicting.everybody import apply_to_everybody, let_age
from kith.qualification.predicting.training import train
from kith.qualification.tests.cast import make, person
from tests.cast import actor

pytestmark = pytest.mark.django_db
people = registry["person"].model


def decided(n=400, seed=5):
    """Leads of half a year ago: the more they visited, the likelier they were qualified, within a week; the others were called
    not a fit in the months after."""
    draw, now = random.Random(seed), timezone.now()
    values = [{"given_name": f"Lead {i}", "custom.visits": draw.randint(0, 20)} for i in range(n)]

    def refused(_n, problem):
        raise problem

    bulk_create(registry["person"], [New(one) for one in values], by=system("import"), refused=refused)
    came = now - dt.timedelta(days=180)
    rows = list(people.objects.filter(given_name__startswith="Lead ").order_by("pk"))
    people.objects.filter(pk__in=[row.pk for row in rows]).update(created_at=came)
    verdicts = []
    for row, one in zip(rows, values, strict=True):
        yes = draw.random() < 0.05 + 0.045 * one["custom.visits"]
        days = draw.randint(0, 6) if yes else draw.randint(5, 150)
        verdicts.append(
            Verdict(person=row, state="qualified" if yes else "not_a_fit", created_at=came + dt.timedelta(days))
        )
    Verdict.objects.bulk_create(verdicts)
    return rows


@pytest.fixture
def prediction():
    define(record="person", label="Visits", kind="number", by=actor("astrid"))
    return make("prediction", name="Qualified", target="qualified", within=365)


@pytest.fixture
def learned(prediction):
    rows = decided()
    assert not train(prediction).silent
    return rows


def lead_of(days, **values):
    made = person(f"Open {days}", **{"custom.visits": 15, **values})
    people.objects.filter(pk=made.pk).update(created_at=timezone.now() - dt.timedelta(days=days))
    return made


def told(row):
    return Lead.objects.get(person=row)


def test_whoever_waits_longer_than_those_who_succeeded_did_is_less_likely_and_it_says_why(learned):
    fresh, waiting, old = (lead_of(days) for days in (0, 6, 60))
    apply_to_everybody()
    assert told(fresh).chance > 0.5 > told(old).chance and told(fresh).chance > told(waiting).chance > told(old).chance
    said = next(one for one in told(old).reasons if one["label"] == "Days without a decision")
    assert said["value"] == "60" and said["effect"] < -2
    assert not [one for one in told(fresh).reasons if one["label"] == "Days without a decision"]


def test_it_ages_by_the_night_and_those_for_whom_it_is_decided_do_not(learned):
    row, done = lead_of(0), lead_of(0)
    apply_to_everybody()
    before, kept = told(row).chance, told(done).chance
    assert before == kept
    then = timezone.now() - dt.timedelta(days=30)
    people.objects.filter(pk__in=[row.pk, done.pk]).update(created_at=then)
    Verdict.objects.create(person=done, state="qualified")
    assert let_age() >= 2
    assert told(row).chance < before - 0.3 and told(done).chance == kept
    assert let_age() >= 2 and told(row).chance < before - 0.3


def test_a_batch_asks_the_same_however_many_wait(learned, django_assert_max_num_queries):
    rows = [lead_of(days) for days in range(8)]
    document()
    with django_assert_max_num_queries(12):
        keep([row.pk for row in rows])


def test_with_too_few_dated_ends_age_says_nothing(prediction):
    rows = decided()
    Verdict.objects.filter(state="qualified", person__in=rows).exclude(
        pk__in=Verdict.objects.filter(state="qualified").values("pk")[:20]
    ).delete()
    made = train(prediction)
    assert made.silent or made.document["ageing"] is None


def test_an_outcome_that_is_a_field_has_no_day_and_no_age(prediction):
    from kith.qualification.predicting.ageing import learn_age
    from kith.qualification.predicting.gathering import Table

    prediction.target = "field"
    table = Table([], people=[1, 2], won=[True, False], moments=[timezone.now()] * 2)
    assert learn_age(prediction, table) is None and not Model.objects.exists()
