"""Where nothing is handed over, the onboarding begins with the win."""

from __future__ import annotations

from decimal import Decimal

import pytest

from kith.kernel.access.actor import system
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.records.actions import create
from kith.kernel.records.bulk_create import New, bulk_create
from kith.kernel.records.registry import registry
from kith.kernel.timeline.operations import undo
from kith.onboarding.models import Plan
from kith.process.tests.cast import HANDED, SMALL, company, in_force, journey_of, made
from tests.cast import actor, user

pytestmark = pytest.mark.django_db


def product(name):
    found = registry["product"].model.objects.filter(name=name).first()
    return found or create(
        registry["product"], {"name": name, "price": Decimal(49), "currency": "EUR"}, by=system("cli")
    )


def win(row, what, who="ines"):
    by = actor(who)
    deal = made("deal", by, name=what, company=row)
    perform(ACTIONS["deal.add_line"], deal, {"product": str(product(what).pk), "quantity": "1"}, by=by)
    reason = registry["reason"].model.objects.filter(outcome="won").first()
    return perform(ACTIONS["deal.win"], deal, {"reason": reason.pk, "override_reason": "A small one"}, by=by).operation


def plans():
    return list(Plan.objects.filter(archived_at=None).order_by("pk"))


def test_in_a_process_without_a_hand_over_it_begins_with_the_win_at_the_owner_and_undo_takes_it_back():
    in_force(SMALL)
    bellevue = company(actor("ines"))
    won = win(bellevue, "Drop")
    [plan] = plans()
    assert (plan.company, plan.owner, plan.deal.name, plan.order.name) == (bellevue, user("ines"), "Drop", "Drop")
    undo(won, by=actor("ines"))
    assert plans() == []


def test_a_deal_that_is_open_again_stops_the_plan_and_winning_it_again_begins_one():
    in_force(SMALL)
    bellevue = company(actor("ines"))
    win(bellevue, "Drop")
    [plan] = plans()
    perform(ACTIONS["deal.reopen"], plan.deal, {}, by=actor("ines"))
    plan.refresh_from_db()
    assert (plan.state, plan.reason) == ("stopped", "Drop is open again")
    assert not registry["activity"].model.objects.filter(company=bellevue, archived_at=None).exists()
    reason = registry["reason"].model.objects.filter(outcome="won").first()
    plan.deal.refresh_from_db()
    perform(ACTIONS["deal.win"], plan.deal, {"reason": reason.pk, "override_reason": "A small one"}, by=actor("ines"))
    assert [one.state for one in plans()] == ["stopped", "running"]


def test_where_a_hand_over_is_to_come_its_receiver_begins_it():
    in_force(HANDED)
    win(company(actor("ines")), "Drop")
    assert plans() == []


def test_whoever_is_taken_over_already_begins_anew_with_something_new_and_not_with_the_same_again():
    in_force(HANDED)
    bellevue = company(actor("ines"))
    win(bellevue, "Drop")
    perform(
        ACTIONS["journey.hand_over"],
        journey_of(bellevue),
        {"to": user("priya").pk, "says": "All well."},
        by=actor("ines"),
    )
    perform(ACTIONS["journey.accept_handover"], journey_of(bellevue), {}, by=actor("priya"))
    assert len(plans()) == 1
    win(bellevue, "Drop", "helena")
    assert len(plans()) == 1
    win(bellevue, "Watch", "helena")
    first, second = plans()
    assert (second.deal.name, second.owner) == ("Watch", user("priya"))


def test_history_from_elsewhere_begins_none():
    in_force(SMALL)
    bellevue = company(actor("ines"))
    values = {
        "name": "Tower",
        "status": "won",
        "closed_on": bellevue.created_at.date(),
        "amount": Decimal(9),
        "company": bellevue,
    }
    bulk_create(registry["deal"], [New(values)], by=actor("helena", "import"), refused=lambda n, e: None)
    assert plans() == []
