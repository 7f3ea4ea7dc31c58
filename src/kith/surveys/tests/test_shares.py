"""Intervals hold what they promise, and figures say nothing where there are too few answers to say anything."""

import datetime as dt
import random

import pytest
from django.utils import timezone

from kith.kernel.access.actor import system
from kith.surveys.figures import figures
from kith.surveys.models import Response
from kith.surveys.shares import LEAST, difference, moved, recommendation, share
from kith.surveys.tests.making import marta, survey
from tests.cast import actor, user


@pytest.mark.parametrize(
    ("up", "down", "n"), [(0.6, 0.1, 30), (0.9, 0.02, 40), (0.35, 0.35, 60), (0.2, 0.6, 200), (0.98, 0.0, 30)]
)
def test_the_interval_of_a_recommendation_score_holds_the_truth_nineteen_times_in_twenty(up, down, n):
    draw, inside, rounds = random.Random(7), 0, 2_000
    for _round in range(rounds):
        thrown = [draw.random() for _one in range(n)]
        found = recommendation(sum(x < up for x in thrown), sum(x > 1 - down for x in thrown), n)
        inside += found.low <= up - down <= found.high
    assert inside / rounds >= 0.93


@pytest.mark.parametrize(("truth", "n"), [(0.05, 40), (0.5, 30), (0.93, 120)])
def test_the_interval_of_a_share_holds_the_truth_nineteen_times_in_twenty(truth, n):
    draw, inside, rounds = random.Random(7), 0, 2_000
    for _round in range(rounds):
        found = share(sum(draw.random() < truth for _one in range(n)), n)
        inside += found.low <= truth <= found.high
    assert inside / rounds >= 0.92


def test_the_score_is_promoters_less_detractors():
    found = recommendation(50, 20, 100)
    assert found.value == 0.3 and found.low < 0.3 < found.high


def test_nothing_is_claimed_of_few_answers():
    assert recommendation(LEAST - 1, 0, LEAST - 1).thin
    assert not moved(recommendation(20, 1, 25), recommendation(1, 20, 25))
    assert difference(20, 25, 1, 25) is None
    assert moved(recommendation(60, 10, 100), recommendation(20, 50, 100))
    assert share(0, 0) is None and recommendation(0, 0, 0) is None


def told(made, person, at, state="answered", **more):
    values = {
        "survey": made,
        "person": person,
        "state": state,
        "asked_at": at,
        "due_at": at,
        "owner": person.owner,
    } | more
    if state == "answered":
        values["answered_at"] = at
        values["band"] = made.scale.band(values["score"])
    return Response.objects.create(**values)


@pytest.mark.django_db
def test_who_answers_less_often_than_others_is_said_and_how_well_loops_are_closed():
    made, now = survey(kind="nps"), timezone.now()
    hers, his = marta("ines"), marta("jonas", emails=[{"value": "m2@bellevue.example", "label": ""}])
    for n in range(100):
        told(made, hers, now, **({"score": 9} if n < 60 else {"state": "asked"}))
        told(made, his, now, **({"score": 3} if n < 20 else {"state": "asked"}))
    low = Response.objects.filter(band="low")
    for n, row in enumerate(low):
        row.loop, row.loop_due_at = ("closed", now) if n < 15 else ("open", now - dt.timedelta(days=1))
        row.loop_closed_at = now - dt.timedelta(hours=1) if n < 10 else now + dt.timedelta(days=1)
        row.save()
    out = figures(system(), "nps", survey=made)
    assert (out.asked, out.answered, out.high, out.low) == (200, 80, 60, 20)
    assert out.score.value == 0.5 and out.rate.value == 0.4
    lines = {line.label: line for label, lines in out.groups if "looks after" in label for line in lines}
    assert lines["Ines Okafor"].less == 1 and lines["Jonas Lindqvist"].less == -1
    assert out.loops == {"all": 20, "closed": 15, "in_time": 10, "late": 5}
    assert user("ines")


@pytest.mark.django_db
def test_figures_count_only_people_within_reach():
    from tests.cast import policy

    made, now = survey(kind="nps"), timezone.now()
    told(made, marta("ines"), now, score=9)
    told(made, marta("jonas", emails=[{"value": "m2@bellevue.example", "label": ""}]), now, score=2)
    policy("member", "person", see="own")
    assert figures(actor("ines"), "nps").answered == 1
    assert figures(actor("helena"), "nps").answered == 2
