"""Effort stands with the step in which a customer had it."""

import pytest

from kith.process.models import Stay
from kith.process.service.effort import by_step
from kith.process.tests.cast import call, company, in_force, journey_of, made
from tests.cast import actor, user

pytestmark = pytest.mark.django_db


def test_a_ticket_is_effort_in_the_step_in_which_it_was_opened():
    astrid = actor("astrid")
    in_force(by=astrid)
    row = company(astrid, owner=user("astrid"))
    call(astrid, company=row)
    assert by_step(astrid, row) is None, "no ticket, no effort"
    tickets = [made("ticket", astrid, subject=f"Matter {n}", company=row) for n in range(2)]
    type(tickets[0]).objects.filter(pk=tickets[0].pk).update(reopened=2, transfers=1)
    now = Stay.objects.filter(journey=journey_of(row)).latest("entered_at")
    told = by_step(astrid, type(row).objects.get(pk=row.pk))
    step = next(one for one in told["steps"] if one.tickets)
    assert (step.tickets, step.total, step.reopened, told["most"], told["total"]) == (2, 3, 2, 3, 3)
    assert len(told["steps"]) == Stay.objects.filter(journey=now.journey_id).values("stage").distinct().count()
    assert by_step(actor("astrid"), company(astrid, name="Fjordheim")) is None


def test_its_panel_is_on_the_customers_page(client):
    astrid = actor("astrid")
    in_force(by=astrid)
    row = company(astrid, owner=user("astrid"))
    call(astrid, company=row)
    made("ticket", astrid, subject="Sensor 14", company=row)
    client.force_login(astrid.user)
    shown = client.get(f"/companies/{row.pk}/panel/effort_by_step")
    assert shown.status_code == 200 and "Effort" in shown.text
