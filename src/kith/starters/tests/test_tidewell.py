"""The sample company: the same seed tells the same story, of any size, over eighteen believable months."""

import datetime as dt
from collections import Counter

import pytest
from django.db import connection

from kith.kernel.accounts.models import Team
from kith.kernel.records.registry import registry
from kith.kernel.timeline.models import Event
from kith.process.editor.desk import Desk
from kith.process.models import Process
from kith.starters.actions import install_sample
from kith.starters.tidewell.load import PROCESS
from kith.starters.tidewell.story import STAGE_DAYS, Teller
from kith.starters.tidewell.words import COMPARED, LOST_WORDS
from tests.cast import actor

NOW = dt.datetime(2026, 3, 11, 14, 20, tzinfo=dt.UTC)
OWNERS = {"South": [1, 3, 6], "North": [2, 4, 5]}


def told(people, seed=7):
    return list(Teller(seed=seed, now=NOW, owners=OWNERS).companies(people))


@pytest.fixture(scope="module")
def story():
    return told(3_000)


def test_the_same_seed_tells_the_same_story_and_another_seed_another():
    assert told(200) == told(200)
    assert told(200) != told(200, seed=8)


@pytest.mark.parametrize("people", [1, 2, 17, 640])
def test_it_is_of_just_the_size_that_was_asked_for(people):
    assert sum(len(c.people) for c in told(people)) == people


def test_it_spans_eighteen_months_and_nothing_but_plans_lies_ahead(story):
    began = min(c.created for c in story)
    assert dt.timedelta(days=510) < NOW - began < dt.timedelta(days=555)
    for company in story:
        assert company.created <= NOW
        assert all(company.created <= p.created <= NOW for p in company.people)
        assert all(a.written <= NOW and (a.done is None or a.done <= NOW) for a in company.activities)
        assert all(d.stages[-1] <= NOW and (d.closed is None or d.closed <= NOW.date()) for d in company.deals)


def test_deals_go_through_the_stages_in_order_on_working_days_and_end_after_their_last_stage(story):
    deals = [d for c in story for d in c.deals]
    for deal in deals:
        assert deal.stages == sorted(deal.stages) and len(deal.stages) <= len(STAGE_DAYS)
        assert (deal.outcome == "open") == (deal.closed is None)
        assert deal.closed is None or deal.closed >= deal.stages[-1].date()
        days = [s.date() for s in deal.stages] + ([deal.closed] if deal.closed else [])
        assert all(day.weekday() < 5 for day in days), days
    outcomes = Counter(d.outcome for d in deals)
    assert all(outcomes[o] > len(deals) / 20 for o in ("open", "won", "lost"))


def test_words_and_competitors_fit_the_reason(story):
    for deal in (d for c in story for d in c.deals if d.outcome == "lost"):
        assert deal.words in LOST_WORDS[deal.reason]
        assert bool(deal.competitor) == (deal.reason in COMPARED)


def test_some_next_steps_are_late_and_some_deals_have_none(story):
    plans = [a for c in story for a in c.activities if a.done is None]
    assert any(a.due < NOW - dt.timedelta(days=1) for a in plans)
    assert any(a.due > NOW + dt.timedelta(days=1) for a in plans)
    planned = {(c.number, a.deal) for c in story for a in c.activities if a.done is None}
    waiting = [d for c in story for n, d in enumerate(c.deals) if d.outcome == "open" and (c.number, n) not in planned]
    assert waiting


@pytest.mark.django_db
def test_what_is_told_stands_in_the_database_with_events_on_its_own_dates_and_the_planner_knows():
    counts = install_sample(by=actor("astrid"), people=60, seed=7, now=NOW)
    story = told(60)
    deals = registry["deal"].model.objects
    assert counts["people"] == registry["person"].model.objects.count() == 60
    assert counts["deals"] == deals.count() == sum(len(c.deals) for c in story)
    assert sorted(deals.values_list("amount", flat=True)) == sorted(d.amount for c in story for d in c.deals)
    opened = sorted(d.stages[0] for c in story for d in c.deals)
    began = Event.objects.filter(verb="deal.created")
    assert sorted(began.values_list("at", flat=True)) == opened
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples FROM pg_class WHERE relname = 'contacts_person'")
        assert cursor.fetchone()[0] == 60
    held, prepared = registry["review"].model.objects.order_by("meets_at")
    assert (held.state, held.published, prepared.state) == ("followed", 1, "preparing")
    assert held.meets_at < NOW < prepared.meets_at and prepared.host.name == "Helena Brandt"
    verdicts = held.proposals.exclude(verdict="").values_list("verdict", flat=True)
    assert sorted(verdicts) == ["adopt", "later", "reject"] and held.figures.filter(sort="effect").exists()
    assert held.feedback.count() == 3 and registry["feedback"].model.objects.filter(review=None).count() == 3
    written = Event.objects.filter(record="review", record_id=held.pk)
    assert not written.filter(at__gt=NOW).exists(), "the meeting stands in the story when it was held"
    process = Process.objects.get(key=PROCESS)
    desk = Desk(actor("astrid"), process)
    assert desk.nobody_made == {}, "its people are in every team that its process names"
    places = {name: {*Team.objects.get(name=name).members.values_list("pk", flat=True)} for name in ("South", "North")}
    for team in Team.objects.exclude(name__in=places):
        members = {*team.members.values_list("pk", flat=True)}
        assert team.lead_id in members and any(members <= place for place in places.values()), "nobody sees more by it"
    assert {row.team.name for row in registry["company"].model.objects.select_related("team")} == {*places}
