"""Calls about a ticket stand in its talk, beside what was written."""

import pytest

from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.timeline.operations import undo
from kith.support.models import Entry
from kith.support.tests.cast import clocks, level, marta, ticket
from tests.cast import actor, user

pytestmark = pytest.mark.django_db


@pytest.fixture
def ines():
    return actor("ines")


def call(row, by, **raw):
    return perform(ACTIONS["ticket.log_call"], row, {"body": "The filter was full; it is emptied now.", **raw}, by=by)


def test_our_call_stands_in_the_talk_and_stops_the_clock_of_the_first_answer(client, ines):
    level()
    row = ticket(ines, marta(ines))
    call(row, ines, minutes="12")
    row.refresh_from_db()
    assert (row.state, row.last_side, row.minutes, clocks(row)["first"].state) == ("open", "us", 12, "met")
    client.force_login(user("ines"))
    page = client.get(f"/tickets/{row.pk}/talk").content.decode()
    assert "The filter was full" in page and "by phone" in page


def test_their_call_is_a_reply_that_opens_a_solved_ticket_again(ines):
    row = ticket(ines, marta(ines))
    perform(ACTIONS["ticket.solve"], row, {}, by=ines)
    row.refresh_from_db()
    call(row, ines, incoming="on")
    row.refresh_from_db()
    assert (row.state, row.last_side, row.reopened) == ("open", "them", 1)


def test_a_call_is_taken_back_whole_with_its_clock(ines):
    level()
    row = ticket(ines, marta(ines))
    done = call(row, ines)
    undo(done.operation, by=ines)
    row.refresh_from_db()
    assert (row.state, row.first_answered_at, clocks(row)["first"].state) == ("new", None, "running")
    assert not Entry.objects.filter(ticket=row, side="us").exists()
