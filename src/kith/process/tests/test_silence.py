"""Silence is watched: by what a stage allows, from the last word, told once, and again after somebody talked."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.utils import timezone

from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.timeline.models import Event
from kith.kernel.timeline.operations import undo
from kith.process.definition.files import from_yaml
from kith.process.journeys.silence import catch_up, tell_silences
from kith.process.models import Journey
from kith.process.publishing import save_draft
from kith.process.tests.cast import SMALL, call, company, in_force, journey_of
from tests.cast import actor, user

pytestmark = pytest.mark.django_db
QUIET = SMALL.replace("    prevents: We learn", "    silence: 5 days\n    prevents: We learn")
DAY = dt.timedelta(days=1)


@pytest.fixture
def bellevue():
    """A company in a stage that allows five days of silence, with whom we talked a moment ago."""
    in_force(QUIET)
    ines = actor("ines")
    row = company(ines)
    call(ines, company=row)
    return row


def told(row):
    return Event.objects.filter(verb="journey.silent", record_id=journey_of(row).pk).count()


def later(days):
    return time_machine.travel(timezone.now() + days * DAY, tick=False)


def test_a_silence_is_told_once_and_again_after_somebody_talked(bellevue):
    assert tell_silences() == 0
    with later(6):
        assert (tell_silences(), tell_silences(), told(bellevue)) == (1, 0, 1)
        call(actor("ines"), company=bellevue)
        assert tell_silences() == 0
        with later(6):
            assert (tell_silences(), told(bellevue)) == (1, 2)
    said = Event.objects.filter(verb="journey.silent").first()
    assert said.payload["stage"] == "qualify" and said.payload["allowed"] == "5 days"


def test_where_a_stage_does_not_say_sixty_days_are_allowed(bellevue):
    perform(ACTIONS["journey.move"], journey_of(bellevue), {"stage": "deal", "reason": "They buy"}, by=actor("ines"))
    with later(59):
        assert tell_silences() == 0
    with later(61):
        assert tell_silences() == 1


def test_silence_passes_in_business_time_where_a_stage_says_so():
    in_force(QUIET.replace("silence: 5 days", "silence: 2 business days"))
    ines = actor("ines")
    with time_machine.travel(dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC), tick=False):  # a Friday
        row = company(ines)
        call(ines, company=row)
    silent_at = timezone.localtime(journey_of(row).silent_at)
    assert silent_at.weekday() == 1, "Saturday and Sunday do not count"


def test_publishing_another_span_counts_for_those_on_their_way_and_is_taken_back_with_it(bellevue):
    from kith.process.models import Process

    process, astrid = Process.objects.get(), actor("astrid")
    before = journey_of(bellevue).silent_at
    save_draft(process, from_yaml(QUIET.replace("silence: 5 days", "silence: 3 days")), by=astrid)
    outcome = perform(ACTIONS["process.publish"], Process.objects.get(), {}, by=astrid)
    assert before - journey_of(bellevue).silent_at == 2 * DAY
    undo(outcome.operation, by=astrid)
    assert journey_of(bellevue).silent_at == before


def test_taking_back_a_move_or_a_call_takes_back_what_it_did_to_the_silence(bellevue):
    ines, before = actor("ines"), journey_of(bellevue).silent_at
    moved = perform(ACTIONS["journey.move"], journey_of(bellevue), {"stage": "deal", "reason": "Yes"}, by=ines)
    assert journey_of(bellevue).silent_at - before == 55 * DAY
    undo(moved.operation, by=ines)
    assert journey_of(bellevue).silent_at == before
    with later(2):
        talked = call(ines, company=bellevue)
        assert journey_of(bellevue).silent_at > before
        undo(talked.operation, by=ines)
    assert journey_of(bellevue).silent_at == before


def test_journeys_from_before_are_caught_up_with_and_old_silence_is_no_news(bellevue):
    Journey.objects.update(silent_at=None, touched_at=None)
    with later(30):
        assert (catch_up(), catch_up()) == (1, 0)
        assert tell_silences() == 0
    assert journey_of(bellevue).touched_at is not None


def test_today_and_the_care_bar_name_those_silent_for_longer_than_their_step_allows(bellevue, client):
    client.force_login(user("ines"))
    assert "Silent for too long" not in client.get("/").content.decode()
    with later(6):
        client.force_login(user("ines"))
        page = client.get("/").content.decode()
    assert "Silent for too long" in page and "Qualify allows 5 days" in page
    assert "1 of them silent for too long" in page


def test_the_list_of_silent_ones_agrees_with_today(bellevue):
    from kith.kernel.lookups.compile import filtered
    from kith.kernel.lookups.tree import parse
    from kith.kernel.records.registry import registry
    from kith.process import queries
    from kith.today.rows.journeys import _silent_text

    company(actor("ines"), "Atlas")  # new: it has a clock of its own
    by, record = actor("ines"), registry["journey"]
    # Rows are set back instead of the clock: lists ask the database what time it is.
    Journey.objects.update(silent_at=timezone.now() - DAY)
    listed = filtered(record, parse(_silent_text()), by, record.rows(by, archived=False))
    assert list(listed) == list(queries.silent(by, timezone.now())) == [journey_of(bellevue)]
