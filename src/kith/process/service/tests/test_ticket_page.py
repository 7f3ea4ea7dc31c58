"""The page of a ticket knows the whole relationship, as far as its agent may see it."""

import datetime as dt
import re

import pytest
from django.test import Client

from kith.kernel.access.actor import system
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.records.registry import registry
from kith.kernel.timeline.operations import undo
from kith.process.models import Journey, Outcome
from kith.process.tests.cast import call, company, in_force, journey_of, made
from tests.cast import actor, policy, user

pytestmark = pytest.mark.django_db


@pytest.fixture
def astrid():
    return actor("astrid")


@pytest.fixture
def bellevue(astrid):
    in_force(by=astrid)
    row = company(astrid, owner=user("astrid"))
    call(astrid, company=row)
    return row


def ticket_of(row, by, **values):
    return made(
        "ticket", by, subject="Night porter cannot see alerts", request="He has the app.", company=row, **values
    )


def page(ticket, who):
    """The page as somebody sees it: with the parts that it fetches as soon as it is open."""
    client = Client()
    client.force_login(user(who))
    html = client.get(f"/tickets/{ticket.pk}/talk").content.decode()
    later = re.findall(rf'(/tickets/{ticket.pk}/panel/[a-z_]+)"', html)
    assert later
    return html + "".join(client.get(one, headers={"HX-Request": "true"}).content.decode() for one in later)


def test_whoever_answers_sees_how_far_they_have_come_and_what_they_buy(bellevue, astrid):
    made("deal", astrid, name="Sixty more sensors", company=bellevue, amount=48_600, currency="EUR")
    html = page(ticket_of(bellevue, astrid), "astrid")
    assert "Sixty more sensors" in html
    assert "lifecycle-upright" in html and "Qualify" in html


def test_what_came_before_stands_there_when_it_is_asked_for(bellevue, astrid):
    earlier = ticket_of(bellevue, astrid, state="solved")
    ticket = ticket_of(bellevue, astrid)
    client = Client()
    client.force_login(user("astrid"))
    part = client.get(f"/tickets/{ticket.pk}/panel/before", headers={"HX-Request": "true"}).content.decode()
    assert f"/tickets/{earlier.pk}/talk" in part and "solved" in part


def test_of_a_customer_out_of_reach_the_page_tells_nothing(bellevue, astrid):
    made("promise", astrid, wording="One named contact for the night", company=bellevue)
    ticket = ticket_of(bellevue, astrid, owner=user("jonas"))
    for record in ("company", "journey", "promise", "deal"):
        policy("member", record, see="own", edit="own")
    policy("member", "ticket", see="own", edit="own")
    html = page(ticket, "jonas")
    assert "Night porter" in html
    assert "One named contact" not in html and "lifecycle-upright" not in html


def test_who_left_us_is_on_no_journey_and_taking_it_back_puts_them_on_it_again(bellevue, astrid):
    from kith.contacts.actions import become_customer

    become_customer([bellevue], since=dt.date(2026, 1, 5), by=astrid)
    bellevue.refresh_from_db()
    reason = made("churn_reason", system("cli"), name="Too many false alarms", kind="unwanted")
    done = perform(ACTIONS["customer.churn"], bellevue, {"reason": str(reason.pk)}, by=astrid)
    journey = Journey.objects.get(company=bellevue)
    assert (journey.outcome, journey.reason) == (Outcome.CHURNED, "Too many false alarms")
    undo(done.operation, by=astrid)
    assert journey_of(bellevue).closed_at is None


def test_a_ticket_of_nobody_we_know_has_its_page(astrid):
    in_force(by=astrid)
    ticket = made("ticket", astrid, subject="Who are you", request="?")
    assert "Who are you" in page(ticket, "astrid") and registry["ticket"].name == "ticket"
