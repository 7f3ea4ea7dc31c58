"""A won deal makes customers and an order, in one change that can be taken back; reopening takes the order away."""

import datetime as dt
from decimal import Decimal

import pytest
import time_machine
from dateutil.relativedelta import relativedelta
from django.utils import timezone

from kith.activities.models import Notice
from kith.conversion.models import Order
from kith.conversion.stepping import step
from kith.kernel.access.actor import system
from kith.kernel.errors import Invalid, InvalidMany
from kith.kernel.records import actions
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.records.bulk_create import New, bulk_create
from kith.kernel.records.registry import registry
from kith.kernel.timeline.models import Event
from kith.kernel.timeline.operations import undo
from tests.cast import actor, user

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate


@pytest.fixture
def ines():
    return actor("ines")


@pytest.fixture
def deal(ines):
    from kith.deals.actions import install_defaults

    install_defaults(system())
    company = actions.create(registry["company"], {"name": "Hotel Bellevue", "owner": user("priya")}, by=ines)
    marta = actions.create(registry["person"], {"given_name": "Marta", "company": company}, by=ines)
    return actions.create(registry["deal"], {"name": "Main building", "company": company, "contact": marta}, by=ines)


def product(name, **values):
    return actions.create(registry["product"], {"name": name, "currency": "EUR", **values}, by=system("cli"))


def won():
    return registry["reason"].model.objects.filter(outcome="won").first()


def win(deal, by):
    outcome = perform(ACTIONS["deal.win"], deal, {"reason": str(won().pk), "override_reason": "A small one"}, by=by)
    deal.refresh_from_db()
    return outcome.operation


def fresh(row):
    return type(row).objects.get(pk=row.pk)


def test_a_won_deal_makes_an_order_with_its_lines_term_and_renewal(ines, deal):
    sensors = product("Drop", price=Decimal(49))
    watch = product("Watch", price=Decimal(24), recurring="year", term=24, notice_days=90)
    desk = product("Night desk", price=Decimal(100), recurring="month")
    for one, quantity in ((sensors, 62), (watch, 62), (desk, 1)):
        perform(ACTIONS["deal.add_line"], deal, {"product": str(one.pk), "quantity": str(quantity)}, by=ines)
    win(deal, ines)
    order = Order.objects.get(deal=deal)
    assert [(line.name, line.quantity, line.recurring) for line in order.lines.all()] == [
        ("Drop", 62, ""), ("Watch", 62, "year"), ("Night desk", 1, "month")]  # fmt: skip
    assert order.total == 62 * 49 + 2 * 62 * 24 + 24 * 100  # once, and two years of what recurs
    assert order.yearly == 62 * 24 + 12 * 100
    assert (order.starts_on, order.notice_days) == (TODAY(), 90)
    assert order.renews_on == order.ends_on + dt.timedelta(days=1)
    assert order.renews_on.year == TODAY().year + 2
    assert order.owner == deal.owner
    assert order.company.name == "Hotel Bellevue"


def test_company_and_people_on_the_deal_become_customers_and_undo_takes_all_of_it_back(ines, deal):
    oliver = actions.create(registry["person"], {"given_name": "Oliver"}, by=ines)
    perform(ACTIONS["deal.add_member"], deal, {"person": str(oliver.pk), "role": "decider"}, by=ines)
    operation = win(deal, ines)
    for row in (deal.company, deal.contact, oliver):
        assert fresh(row).customer_since == TODAY()
    undo(operation, by=ines)
    for row in (deal.company, deal.contact, oliver):
        assert fresh(row).customer_since is None
    assert fresh(deal).status == "open"
    assert not Order.objects.filter(archived_at=None).exists()
    win(deal, ines)
    assert Order.objects.filter(archived_at=None).count() == 1


def test_the_owner_of_the_customer_is_told_and_who_won_it_is_not(ines, deal):
    win(deal, ines)
    notice = Notice.objects.get()
    assert notice.user == user("priya")
    assert "Hotel Bellevue is a customer" in notice.text


def test_the_page_of_the_customer_says_since_when_and_what_they_bought(ines, deal, client):
    client.force_login(user("ines"))
    panel = f"/companies/{deal.company_id}/panel/orders"
    assert "Became a customer" in client.get(panel, HTTP_HX_REQUEST="true").content.decode()
    win(deal, ines)
    page = client.get(panel, HTTP_HX_REQUEST="true").content.decode()
    assert "Customer since" in page
    assert "Main building" in page
    assert "Is a customer no more" in page
    assert client.get(f"/deals/{deal.pk}/panel/orders", HTTP_HX_REQUEST="true").status_code == 200
    assert client.get(f"/orders/{Order.objects.get().pk}").status_code == 200


def test_a_deal_opened_again_loses_its_order_and_the_status_that_came_with_it(ines, deal):
    win(deal, ines)
    perform(ACTIONS["deal.reopen"], deal, {}, by=ines)
    assert Order.objects.get(deal=deal).archived_at is not None
    assert fresh(deal.company).customer_since is None
    assert Event.objects.filter(verb="order.taken_back", payload__deal="Main building").exists()


def test_of_a_deal_that_is_open_again_the_committee_are_no_customers_but_who_decided_or_bought_elsewhere(ines, deal):
    other = actions.create(registry["deal"], {"name": "Annexe", "company": deal.company}, by=ines)
    oliver, paul, eva = (
        actions.create(registry["person"], {"given_name": n}, by=ines) for n in ("Oliver", "Paul", "Eva")
    )
    for one, seats in ((deal, (oliver, paul, eva)), (other, (paul,))):
        for person in seats:
            perform(ACTIONS["deal.add_member"], one, {"person": str(person.pk), "role": "decider"}, by=ines)
        win(one, ines)
    actions.create(registry["order"], {"name": "Pilot", "person": eva, "total": Decimal(900)}, by=ines)
    again = perform(ACTIONS["deal.reopen"], deal, {}, by=ines)
    assert [fresh(one).customer_since for one in (oliver, paul, eva)] == [None, TODAY(), TODAY()]
    undo(again.operation, by=ines)
    assert fresh(oliver).customer_since == TODAY()


def test_a_customer_who_bought_something_else_stays_one_when_a_deal_is_opened_again(ines, deal):
    actions.create(registry["order"], {"name": "Pilot", "company": deal.company, "total": Decimal(900)}, by=ines)
    win(deal, ines)
    perform(ACTIONS["deal.reopen"], deal, {}, by=ines)
    assert fresh(deal.company).customer_since == TODAY()


def test_a_deal_of_less_than_nothing_cannot_be_won_and_says_why(ines, deal):
    actions.edit(registry["deal"], deal, {"amount": Decimal(-5)}, by=ines)
    with pytest.raises(Invalid, match="worth less than nothing"):
        win(deal, ines)
    assert fresh(deal).status == "open"


def test_won_deals_of_an_import_make_their_orders_on_their_days_together(ines, deal):
    day = TODAY() - dt.timedelta(days=400)
    values = [
        {"name": f"Tower {n}", "status": "won", "closed_on": day, "amount": Decimal(n - 1), "company": deal.company}
        for n in range(30)
    ]
    bulk_create(registry["deal"], [New(v) for v in values], by=actor("helena", "import"), refused=lambda n, e: None)
    orders = Order.objects.all()
    assert orders.count() == 29  # one is worth less than nothing, and stands among the mismatches
    assert set(orders.values_list("placed_on", flat=True)) == {day}
    assert fresh(deal.company).customer_since == day
    assert not Notice.objects.exists()


def test_orders_with_negative_amounts_and_unknown_currencies_are_refused_in_words(ines):
    record = registry["order"]
    with pytest.raises(Invalid, match="worth less than nothing"):
        actions.create(record, {"name": "Credit", "total": Decimal(-10)}, by=ines)
    with pytest.raises(InvalidMany, match="“XXQ” is not a currency; write its three letters"):
        actions.create(record, actions.parse_values(record, {"name": "Pilot", "currency": "XXQ"}, by=ines), by=ines)


def test_whoever_ordered_is_a_customer_since_then_however_the_order_came(ines, deal):
    day = TODAY() - dt.timedelta(days=700)
    values = {"name": "Pilot", "company": deal.company, "placed_on": day, "total": Decimal(900)}
    bulk_create(registry["order"], [New(values)], by=actor("helena", "import"), refused=lambda n, e: None)
    assert fresh(deal.company).customer_since == day


def test_lines_of_an_order_keep_what_it_is_worth_in_step(ines):
    order = actions.create(registry["order"], {"name": "Pilot", "total": Decimal(900)}, by=ines)
    watch = product("Watch", price=Decimal(24), recurring="year")
    perform(ACTIONS["order.add_line"], order, {"product": str(watch.pk), "quantity": "10"}, by=ines)
    perform(ACTIONS["order.add_line"], order, {"name": "Cable", "unit_price": "12.50", "quantity": "2"}, by=ines)
    assert (fresh(order).total, fresh(order).yearly) == (Decimal("265.00"), Decimal("240.00"))
    last = perform(ACTIONS["order.remove_line"], order, {"line": str(order.lines.last().pk)}, by=ines)
    assert fresh(order).total == Decimal("240.00")
    undo(last.operation, by=ines)
    assert fresh(order).total == Decimal("265.00")


def renewed(order, ines, **raw):
    until = fresh(order).renews_on + relativedelta(years=1)
    perform(ACTIONS["order.renew"], order, {"until": until.isoformat(), **raw}, by=ines)
    return until


@pytest.fixture
def watched(ines):
    """An order of ten watches at 120 a year, that began a while ago for a year."""
    began = TODAY().replace(month=1, day=1)
    values = {"name": "Watch", "placed_on": began, "starts_on": began, "renews_on": began + relativedelta(years=1)}
    order = actions.create(registry["order"], values, by=ines)
    watch = product("Watch", price=Decimal(120), recurring="year")
    perform(ACTIONS["order.add_line"], order, {"product": str(watch.pk), "quantity": "10"}, by=ines)
    return order


def test_a_renewed_order_ends_the_day_before_it_comes_up_again_and_one_that_ended_goes_on_no_more(ines, watched):
    until = renewed(watched, ines)
    assert (fresh(watched).renews_on, fresh(watched).ends_on) == (until, until - dt.timedelta(days=1))
    with pytest.raises(Invalid, match="runs on beyond"):
        perform(ACTIONS["order.renew"], watched, {"until": until.isoformat()}, by=ines)
    perform(ACTIONS["order.end"], watched, {}, by=ines)
    with pytest.raises(Invalid, match="has ended"):
        renew_to = (until + relativedelta(years=1)).isoformat()
        perform(ACTIONS["order.renew"], watched, {"until": renew_to}, by=ines)


def test_what_a_renewal_agreed_stays_when_a_line_is_added_and_the_total_is_that_of_the_first_term(ines, watched):
    renewed(watched, ines, yearly="1500")
    assert (fresh(watched).total, fresh(watched).yearly) == (1200, 1500)
    perform(ACTIONS["order.add_line"], watched, {"name": "Cable", "unit_price": "25", "quantity": "2"}, by=ines)
    assert (fresh(watched).total, fresh(watched).yearly) == (1250, 1500)
    added = perform(
        ACTIONS["order.add_line"], watched, {"name": "Night desk", "unit_price": "10", "recurring": "month"}, by=ines
    )
    assert (fresh(watched).total, fresh(watched).yearly) == (1250 + 120, 1500 + 120)
    undo(added.operation, by=ines)
    assert (fresh(watched).total, fresh(watched).yearly) == (1250, 1500)


def test_a_renewal_that_was_taken_back_leaves_the_term_as_it_was(ines, watched):
    until = fresh(watched).renews_on + relativedelta(years=1)
    undo(perform(ACTIONS["order.renew"], watched, {"until": until.isoformat()}, by=ines).operation, by=ines)
    desk = {"name": "Night desk", "unit_price": "10", "recurring": "month"}
    perform(ACTIONS["order.add_line"], watched, desk, by=ines)
    assert (fresh(watched).total, fresh(watched).yearly) == (1320, 1320)


def test_an_order_that_ends_renews_no_more(ines):
    values = {
        "name": "Watch",
        "total": Decimal(240),
        "yearly": Decimal(240),
        "renews_on": TODAY() + dt.timedelta(days=99),
    }
    order = actions.create(registry["order"], values, by=ines)
    perform(ACTIONS["order.end"], order, {"reason": "Sold the house"}, by=ines)
    assert (fresh(order).ended_on, fresh(order).renews_on) == (TODAY(), None)


def test_a_price_that_steps_is_worth_what_each_year_of_the_term_costs(ines, deal):
    watch = product("Watch", price=Decimal(24), recurring="year", term=30)
    desk = product("Night desk", price=Decimal(100), recurring="month")
    for one, ramp in ((watch, "30; 36"), (desk, "110")):
        perform(ACTIONS["deal.add_line"], deal, {"product": str(one.pk), "quantity": "2", "ramp": ramp}, by=ines)
    win(deal, ines)
    order = Order.objects.get(deal=deal)
    assert [line.ramp for line in order.lines.all()] == ["30.00; 36.00", "110.00"]
    assert order.total == 2 * (24 + 30 + 36 / 2) + 2 * (12 * 100 + 18 * 110)  # two years and a half
    assert order.yearly == 2 * 24 + 2 * 12 * 100


def test_an_order_steps_on_the_day_its_new_year_begins_once_and_never_over_what_was_agreed_since(ines, deal):
    watch = product("Watch", price=Decimal(24), recurring="year", term=36)
    perform(ACTIONS["deal.add_line"], deal, {"product": str(watch.pk), "ramp": "30; 36"}, by=ines)
    win(deal, ines)
    order = Order.objects.get(deal=deal)

    def after(**span):
        with time_machine.travel(timezone.now() + relativedelta(**span), tick=False):
            moved = step()
        return moved, fresh(order).yearly

    assert after(days=300) == (0, 24)
    assert after(years=1) == (1, 30) and after(years=1) == (0, 30)
    [told] = Event.objects.filter(verb="order.stepped", record_id=order.pk)
    assert told.changes["yearly"] == [24, 30]
    actions.edit(registry["order"], order, {"yearly": Decimal(33)}, by=ines)
    assert after(years=2) == (0, 33)


def test_what_is_paid_once_has_no_price_that_steps(ines, deal):
    with pytest.raises(Invalid, match="every month or year"):
        perform(
            ACTIONS["deal.add_line"],
            deal,
            {"product": str(product("Drop", price=Decimal(49)).pk), "ramp": "50"},
            by=ines,
        )


def test_orders_of_a_file_with_negative_amounts_are_refused_one_by_one_and_the_rest_goes_on(ines):
    refused = []
    values = [{"name": f"Pilot {n}", "total": Decimal(n), "yearly": Decimal(0)} for n in (900, -900, 10)]
    made = bulk_create(
        registry["order"], [New(one) for one in values], by=actor("helena", "import"),
        refused=lambda n, problem: refused.append((n, problem.message)),
    )  # fmt: skip
    assert [order and order.name for order in made] == ["Pilot 900", None, "Pilot 10"]
    [(n, words)] = refused
    assert n == 1 and "worth less than nothing" in words
