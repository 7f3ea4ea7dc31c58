"""The report on what people answer: it opens, empty or full, and shows only what is within reach."""

import re
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone

from kith.kernel.access.actor import system
from kith.kernel.records import actions
from kith.kernel.records.registry import registry
from tests.cast import user

pytestmark = pytest.mark.django_db


@pytest.fixture
def helena():
    client = Client()
    client.force_login(user("helena"))
    return client


def words(response):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


def told(kind, scores, asked=0):
    """Answers with these scores, and as many who were asked and said nothing."""
    survey = actions.create(
        registry["survey"], {"name": f"After {kind}", "kind": kind, "asks_after": "deal.won"}, by=system("cli")
    )
    person = actions.create(registry["person"], {"given_name": "Marta", "owner": user("helena")}, by=system("cli"))
    rows = [
        {"state": "answered", "score": score, "band": survey.scale.band(score), "answered_at": timezone.now()}
        for score in scores
    ] + [{"state": "asked"}] * asked
    for row in rows:
        registry["response"].model.objects.create(
            survey=survey, person=person, owner=person.owner, asked_at=timezone.now(), **row
        )
    return survey


@pytest.mark.parametrize("kind", ["nps", "csat", "ces", "nonsense"])
def test_it_opens_while_nobody_was_asked(helena, kind):
    assert "Nobody was asked in this period" in words(helena.get(f"/reports/surveys/?kind={kind}"))


def test_a_recommendation_score_stands_with_its_interval_and_how_many_answered(helena):
    survey = told("nps", [10] * 30 + [3] * 10, asked=40)
    there = words(helena.get(f"/reports/surveys/?kind=nps&survey={survey.pk}"))
    assert re.search(r"\+50 between \+\d\d and \+\d\d", there) and "50 % between 39 % and 61 %" in there
    assert "Answers" in words(helena.get("/reports/deals/"))


def test_few_answers_are_not_made_into_a_figure(helena):
    told("csat", [5, 5, 1])
    there = words(helena.get("/reports/surveys/?kind=csat"))
    assert "too few to say" in there and "67 %" not in there


def test_a_period_that_cannot_be_read_is_said(helena):
    assert helena.get("/reports/surveys/?period=soon").status_code == 422
