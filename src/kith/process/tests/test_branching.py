"""A relationship goes the way of the segment that its customer is in by now, not of the one they began in."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from kith.kernel.lookups.bulk import bulk_change
from kith.kernel.lookups.selection import picked
from kith.kernel.lookups.wishes import wish_of
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.records.actions import archive, edit, restore
from kith.kernel.records.registry import registry
from kith.kernel.timeline.models import Event
from kith.kernel.timeline.operations import operation, undo
from kith.process.definition.files import from_yaml
from kith.process.editor.desk import moved_words
from kith.process.events import SegmentChanged
from kith.process.journeys.clocks import tell_clocks
from kith.process.models import Journey
from kith.process.publishing import preview, save_draft
from kith.process.tests.cast import SMALL, call, company, in_force, journey_of, made, person
from tests.cast import actor

pytestmark = pytest.mark.django_db
SHORT_WAY = SMALL.replace("    within: 2 h\n", "    within: 2 h\n    within_for: {retail: 1 h}\n")
BY_PERSON = SMALL.replace('{of: company, where: "industry.has:retail"}', '{of: person, where: "job_title.has:buyer"}')
BY_DEAL = SMALL.replace('{of: company, where: "industry.has:retail"}', '{of: deal, where: "name.has:Till"}')
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def ines():
    return actor("ines")


def becomes(row, by, **values):
    with operation("test.edit", "Edited", by=by, record=row._meta.model_name) as (op, actor):
        edit(registry[row._meta.model_name], row, values, by=actor)
    return op


def test_whoever_becomes_known_as_retail_goes_the_short_way_from_then_on(ines):
    in_force(SHORT_WAY)
    bellevue = company(ines)
    before = journey_of(bellevue)
    op = becomes(bellevue, ines, industry="Fashion retail")
    after = journey_of(bellevue)
    assert (before.segment, after.segment, after.due_at) == ("", "retail", before.entered_at + HOUR)
    assert after.warn_at == after.due_at - HOUR / 2
    [told] = Event.objects.filter(verb="journey.segment_changed").values_list("payload", flat=True)
    assert SegmentChanged.say(told) == "goes the way of Retail from now on"
    assert undo(op, by=ines).conflicts == []
    assert (journey_of(bellevue).segment, journey_of(bellevue).due_at) == ("", before.due_at)


def test_whoever_is_retail_no_more_goes_the_way_of_everybody(ines):
    in_force(SHORT_WAY)
    bellevue = company(ines, industry="retail")
    becomes(bellevue, ines, industry="Hotels")
    assert journey_of(bellevue).segment == ""
    [told] = Event.objects.filter(verb="journey.segment_changed").values_list("payload", flat=True)
    assert SegmentChanged.say(told) == "goes the way of everybody from now on, no longer that of Retail"


def test_a_clock_that_ran_out_and_runs_longer_now_runs_out_once_more(ines):
    in_force(SHORT_WAY)
    bellevue = company(ines, industry="retail")
    with time_machine.travel(timezone.now() + HOUR * 1.2, tick=False):
        assert tell_clocks() == 1
        becomes(bellevue, ines, industry="Hotels")
        assert (journey_of(bellevue).told, tell_clocks()) == (0, 0)
    with time_machine.travel(timezone.now() + HOUR * 3, tick=False):
        assert tell_clocks() == 1
    assert Event.objects.filter(verb="journey.overdue").count() == 2


@pytest.mark.parametrize(("text", "record"), [(BY_PERSON, "person"), (BY_DEAL, "deal")])
def test_rules_about_people_and_deals_are_asked_again_as_well(ines, text, record):
    in_force(text)
    bellevue = company(ines)
    if record == "person":
        row = person(ines, company=bellevue)
        becomes(row, ines, job_title="Head buyer")
    else:
        made("deal", ines, name="Till system", company=bellevue)
    assert journey_of(bellevue).segment == "retail"


def test_what_no_rule_asks_costs_no_question(ines):
    in_force(SHORT_WAY)
    bellevue = company(ines)

    def asked(**values):
        with CaptureQueriesContext(connection) as told:
            edit(registry["company"], bellevue, values, by=ines)
        bellevue.refresh_from_db()
        return [q["sql"] for q in told.captured_queries if "process_journey" in q["sql"] and "SELECT" in q["sql"]]

    by_other, by_asked = asked(city="Lyon"), asked(industry="Hotels")
    assert len(by_asked) > len(by_other)
    assert not Event.objects.filter(verb="journey.segment_changed").exists()


def test_many_change_with_as_many_questions_as_a_few(ines):
    in_force(SHORT_WAY)

    def questions(n):
        rows = [company(ines, name=f"Shop {n} {i}") for i in range(n)]
        selection = picked([str(row.pk) for row in rows], every=False, filter="", query="")
        wish = wish_of(registry["company"], "edit", n, {"industry": "retail"}, named="Industry")
        with CaptureQueriesContext(connection) as told:
            assert bulk_change(registry["company"], selection, wish, by=ines).changed == n
        return len(told)

    few = questions(3)
    assert questions(30) <= few + 3
    assert set(Journey.objects.values_list("segment", flat=True)) == {"retail"}


def test_publishing_asks_the_rules_again_and_says_so_before(ines):
    astrid = actor("astrid")
    process = in_force(SMALL, by=astrid)
    shop, hotel = company(ines, "Shop", industry="Fashion"), company(ines, "Hotel", industry="hotels")
    fashion = SMALL.replace("industry.has:retail", "industry.has:fashion")
    told = preview(process, from_yaml(fashion))
    assert told.branch == 1 and "1 of them goes the way of another segment." in moved_words(told)
    save_draft(process, from_yaml(fashion), by=astrid)
    process.refresh_from_db()
    outcome = perform(ACTIONS["process.publish"], process, {}, by=astrid)
    assert (journey_of(shop).segment, journey_of(hotel).segment) == ("retail", "")
    undo(outcome.operation, by=astrid)
    assert (journey_of(shop).segment, journey_of(shop).held_to) == ("", 1)


def test_what_changed_while_somebody_was_away_is_known_when_they_are_back(ines):
    astrid = actor("astrid")
    in_force(SHORT_WAY, by=astrid)
    ended, stored = company(ines, "Ended"), company(ines, "Stored")
    closed = journey_of(ended)
    perform(ACTIONS["journey.close"], closed, {"outcome": "lost", "reason": "No budget"}, by=ines)
    archive(registry["company"], stored, by=astrid)
    for row in (ended, stored):
        type(row).objects.filter(pk=row.pk).update(industry="retail")
    stored.refresh_from_db(), closed.refresh_from_db()
    restore(registry["company"], stored, by=astrid)
    perform(ACTIONS["journey.reopen"], closed, {}, by=ines)
    assert (journey_of(ended).segment, journey_of(stored).segment) == ("retail", "retail")
    assert journey_of(ended).due_at == journey_of(ended).entered_at + HOUR


def test_what_fills_the_gate_and_makes_them_retail_leads_on_along_the_short_way(ines):
    strict = SMALL.replace("    only: []\n", "    gate: strict\n").replace(
        "  - key: deal\n",
        "  - {key: trial, name: Trial, step: 4, enters_on: [activity.called], only: [retail]}\n  - key: deal\n",
        1,
    )
    in_force(strict.replace("      - {key: fit, says: Fit was judged}\n", "").replace("    forward: [deal]\n", ""))
    bellevue = company(ines)
    call(ines, company=bellevue)
    becomes(bellevue, ines, industry="retail")
    call(ines, company=bellevue)
    assert (journey_of(bellevue).segment, journey_of(bellevue).stage) == ("retail", "trial")
