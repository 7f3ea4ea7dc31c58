"""Customers leave and come back, contracts come up again and are decided, and what that does to what they bring."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from dateutil.relativedelta import relativedelta
from django.utils import timezone

from kith.contacts.actions import become_customer
from kith.contacts.models import Company, Person
from kith.conversion.models import Order
from kith.kernel.errors import Invalid, NeedsInput
from kith.kernel.records import actions
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.records.registry import registry
from kith.kernel.timeline.models import Event, Operation
from kith.kernel.timeline.operations import operation, undo
from kith.retention.churn.announced import leave_due
from kith.retention.churn.leaving import churn
from kith.retention.health.parts import bring
from kith.retention.models import Care, Churn, ChurnKind, ChurnReason, Outcome, Play, PlayRun, Renewal, Value
from kith.retention.plays.running import begin, begin_due
from kith.retention.renewals.deciding import lose, move, win
from kith.retention.renewals.opening import open_due
from kith.retention.renewals.values import without_undone
from kith.retention.tests.cast import BY, days_ago, firm, order, person, ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def expensive() -> ChurnReason:
    bring(BY)
    return ChurnReason.objects.get(name="Too expensive")


def today() -> dt.date:
    return timezone.localdate()


def noon(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time(12)))


def up_for_renewal(row: Any, in_days: int = 80, **values: Any) -> Order:
    return order(row, renews_on=today() + dt.timedelta(days=in_days), notice_days=30, **values)


def test_leaving_ends_contracts_and_says_why_and_what_is_lost(expensive: ChurnReason) -> None:
    hafen = firm()
    order(hafen, 1200), order(hafen, 800)
    perform(churn, hafen, {"reason": str(expensive.pk), "words": "We found it cheaper"}, by=BY)
    gone = Churn.objects.get()
    assert (gone.company, gone.kind, gone.yearly, gone.ended_on) == (hafen, ChurnKind.UNWANTED, Decimal(2000), today())
    assert set(Order.objects.values_list("ended_on", flat=True)) == {today()}
    assert Company.objects.get().customer_until == today()
    event = Event.objects.get(verb="customer.churned")
    assert (event.record, event.record_id, event.payload["reason"]) == ("company", hafen.pk, "Too expensive")


def test_a_leave_taking_that_is_noted_later_stands_in_the_story_on_its_day(expensive: ChurnReason) -> None:
    hafen = firm()
    day = today() - dt.timedelta(days=40)
    churn.run(hafen, reason=expensive, ended_on=day, by=BY)
    told = Event.objects.filter(verb__in=("customer.churned", "company.ended_customer", "churn.created"))
    assert {timezone.localdate(event.at) for event in told} == {day}
    assert len(told) == 3


def lost_today(hafen: Company, reason: ChurnReason, **raw: str) -> None:
    up_for_renewal(hafen, 0)
    open_due()
    perform(lose, Renewal.objects.get(), {"reason": str(reason.pk), **raw}, by=BY)


def test_who_leaves_after_a_lost_renewal_takes_what_its_order_was_worth(expensive: ChurnReason) -> None:
    hafen = firm()
    lost_today(hafen, expensive)
    order(hafen, 700, ended_on=days_ago(1).date())
    churn.run(Company.objects.get(), reason=expensive, by=BY)
    assert Churn.objects.get().yearly == Decimal(1200), "what ended before is not lost once more"


def test_not_renewed_and_leaving_in_one_press_keeps_what_is_lost(expensive: ChurnReason) -> None:
    lost_today(firm(), expensive, left="on")
    assert Churn.objects.get().yearly == Decimal(1200)
    assert Order.objects.get().ended_on == Company.objects.get().customer_until == today()


def test_an_order_that_is_to_end_later_keeps_its_day_and_counts_as_lost(expensive: ChurnReason) -> None:
    hafen = firm()
    until = today() + dt.timedelta(days=20)
    order(hafen, 900, ended_on=until)
    churn.run(hafen, reason=expensive, by=BY)
    assert (Churn.objects.get().yearly, Order.objects.get().ended_on) == (Decimal(900), until)


def test_leaving_can_be_taken_back_whole(expensive: ChurnReason) -> None:
    hafen = firm()
    order(hafen)
    done = perform(churn, hafen, {"reason": str(expensive.pk)}, by=BY)
    assert done.operation is not None
    undo(done.operation, by=BY)
    assert Company.objects.get().customer_until is None
    assert Order.objects.get().ended_on is None
    assert not registry["churn"].rows(BY, archived=False).exists()
    assert Value.objects.latest("since").yearly == Decimal(1200)


def test_nobody_leaves_before_they_came_nor_tomorrow(expensive: ChurnReason) -> None:
    hafen = firm(since=10)
    for day in (today() - dt.timedelta(days=20), today() + dt.timedelta(days=1)):
        with pytest.raises(Invalid):
            churn.run(hafen, reason=expensive, ended_on=day, by=BY)


def test_whoever_bought_after_the_day_on_which_their_company_left_stays_a_customer(expensive: ChurnReason) -> None:
    hafen, early, late = firm(), person("Mara Vogt", since=300), person("Jonas Berg", since=10)
    for one in (early, late):
        actions.edit(registry["person"], one, {"company": hafen}, by=BY)
    churn.run(hafen, reason=expensive, ended_on=days_ago(40).date(), by=BY)
    until = dict(Person.objects.values_list("given_name", "customer_until"))
    assert until == {"Mara": days_ago(40).date(), "Jonas": None}


def test_who_comes_back_is_noted_on_the_leave_taking(expensive: ChurnReason) -> None:
    hafen = firm()
    churn.run(hafen, reason=expensive, ended_on=days_ago(40).date(), by=BY)
    become_customer([Company.objects.get()], since=days_ago(5).date(), by=BY)
    assert Churn.objects.get().returned_on == days_ago(5).date()


def test_a_reason_below_another_is_of_its_kind_and_never_under_itself(expensive: ChurnReason) -> None:
    top = ChurnReason.objects.get(name="Nobody wanted it")
    below = actions.create(registry["churn_reason"], {"name": "Fire", "parent": top}, by=BY)
    assert below.kind == ChurnKind.INVOLUNTARY
    with pytest.raises(Invalid):
        actions.edit(registry["churn_reason"], top, {"parent": below}, by=BY)


def test_renewals_open_sixty_days_before_the_last_day_of_notice_and_once() -> None:
    hafen = firm()
    soon = up_for_renewal(hafen, 90)
    up_for_renewal(hafen, 91)
    assert open_due() == 1
    assert open_due() == 0
    row = Renewal.objects.get()
    assert (row.order, row.company, row.state, row.yearly) == (soon, hafen, "open", Decimal(1200))
    assert row.decide_by == soon.renews_on - dt.timedelta(days=30)
    assert Event.objects.filter(verb="renewal.opened").count() == 1


def test_a_renewal_says_the_risk_and_what_more_they_could_use(expensive: ChurnReason) -> None:
    hafen = firm()
    weak = {"key": "tickets", "name": "Tickets", "points": 10, "words": "6 tickets", "weight": 10}
    Care.objects.create(company=hafen, health=50, band="watch", chance=0.34, parts=[weak])
    goods = (("Night desk", "120", "month", "EUR"), ("Riser valve", "420", "", "EUR"), ("Watch", "90", "year", "SEK"))
    for name, price, recurring, currency in goods:
        values = {"name": name, "price": Decimal(price), "recurring": recurring, "currency": currency}
        actions.create(registry["product"], values, by=BY)
    asked = ticket(hafen, 3, kind="wish")
    actions.edit(registry["ticket"], asked, {"subject": "A night desk, a riser valve and the watch?"}, by=BY)
    made = up_for_renewal(hafen, 80)
    open_due()
    row = Renewal.objects.get()
    assert (row.risk, row.risk_words) == (34, "Tickets: 6 tickets")
    assert row.idea.count("They asked about it") == 3
    assert (row.yearly, row.expected) == (made.yearly, made.yearly + 12 * 120), (
        "what is paid once or in SEK is not added"
    )


def test_a_contract_that_ended_or_brings_nothing_each_year_does_not_come_up() -> None:
    hafen = firm()
    up_for_renewal(hafen, ended_on=today())
    up_for_renewal(hafen, yearly=0)
    assert open_due() == 0


def test_a_renewal_won_extends_the_order_for_the_price_agreed() -> None:
    made = up_for_renewal(firm())
    open_due()
    perform(win, Renewal.objects.get(), {"yearly": "1500"}, by=BY)
    row, renewed = Renewal.objects.get(), Order.objects.get()
    until = made.renews_on + relativedelta(years=1)
    assert (row.state, row.until, renewed.renews_on, renewed.yearly) == ("won", until, until, Decimal(1500))
    assert renewed.ends_on == until - dt.timedelta(days=1), "as when it was placed"
    assert [v.yearly for v in Value.objects.order_by("since")] == [Decimal(1200), Decimal(1500)]
    assert open_due() == 0


def test_an_order_renewed_on_its_own_page_leaves_no_renewal_open() -> None:
    made = up_for_renewal(firm())
    open_due()
    until = made.renews_on + dt.timedelta(days=730)
    done = perform(ACTIONS["order.renew"], made, {"until": until.isoformat(), "yearly": "1300"}, by=BY)
    row = Renewal.objects.get()
    assert (row.state, row.until, row.expected) == ("won", until, Decimal(1300))
    undo(done.operation, by=BY)
    assert Renewal.objects.get().state == "open" and Order.objects.get().renews_on == made.renews_on


def test_a_renewal_lost_ends_the_order_on_its_day_and_keeps_why(expensive: ChurnReason) -> None:
    made = up_for_renewal(firm())
    open_due()
    perform(lose, Renewal.objects.get(), {"reason": str(expensive.pk)}, by=BY)
    assert Renewal.objects.get().reason == expensive
    assert Order.objects.get().ended_on == made.renews_on
    with pytest.raises(Invalid):
        win.run(Renewal.objects.get(), by=BY)


def leaving_in(days: int, reason: ChurnReason) -> Any:
    """A customer who says so many days before their renewal that they leave; the operation by which it was said."""
    up_for_renewal(firm(), days)
    open_due()
    return perform(
        lose, Renewal.objects.get(), {"reason": str(reason.pk), "words": "Cheaper", "left": "on"}, by=BY
    ).operation


def test_who_says_that_they_leave_us_leaves_on_the_day_of_the_renewal(expensive: ChurnReason) -> None:
    leaving_in(80, expensive)
    day = Renewal.objects.get().renews_on
    assert leave_due(day - dt.timedelta(days=1)) == 0 and Company.objects.get().customer_until is None
    with time_machine.travel(noon(day + dt.timedelta(days=1)), tick=False):
        assert (leave_due(), leave_due()) == (1, 0)
    gone = Churn.objects.get()
    assert (gone.ended_on, gone.reason, gone.words, gone.yearly) == (day, expensive, "Cheaper", Decimal(1200))
    assert Company.objects.get().customer_until == day


def test_leaving_that_is_to_come_is_taken_back_with_the_lost_renewal_or_once_it_came(expensive: ChurnReason) -> None:
    said = leaving_in(80, expensive)
    with time_machine.travel(noon(Renewal.objects.get().renews_on), tick=False):
        leave_due()
        undo(Operation.objects.get(kind="customer.churn"), by=BY)
        assert leave_due() == 0 and Company.objects.get().customer_until is None, "a colleague knows better"
        undo(said, by=BY)
    assert (Renewal.objects.get().state, Renewal.objects.get().leaving) == ("open", False)


def test_who_bought_again_since_stays_though_they_had_said_that_they_leave(expensive: ChurnReason) -> None:
    leaving_in(80, expensive)
    order(Company.objects.get(), 300, days=-5)
    assert leave_due(Renewal.objects.get().renews_on) == 0


def test_on_the_board_not_renewed_asks_for_the_reason(expensive: ChurnReason) -> None:
    up_for_renewal(firm())
    open_due()
    perform(move, Renewal.objects.get(), {"state": "talking"}, by=BY)
    with pytest.raises(NeedsInput):
        perform(move, Renewal.objects.get(), {"state": "lost"}, by=BY)
    perform(move, Renewal.objects.get(), {"state": "lost", "reason": str(expensive.pk)}, by=BY)
    assert Renewal.objects.get().state == "lost"


def test_leaving_loses_the_renewals_that_are_open(expensive: ChurnReason) -> None:
    hafen = firm()
    up_for_renewal(hafen)
    open_due()
    churn.run(hafen, reason=expensive, by=BY)
    assert Renewal.objects.get().state == "lost"


def test_what_an_order_brings_follows_its_price_and_an_undo_of_it() -> None:
    made = order(firm(), 1200, days=300)
    with_more = actions.edit(registry["order"], made, {"yearly": Decimal(1800)}, by=BY)
    assert list(Value.objects.order_by("since").values_list("since", "yearly")) == [
        (made.starts_on, Decimal(1200)), (today(), Decimal(1800)),
    ]  # fmt: skip
    actions.edit(registry["order"], with_more, {"ended_on": today()}, by=BY)
    assert list(Value.objects.order_by("since").values_list("since", "yearly"))[-1] == (today(), Decimal(0))


def test_a_price_that_was_taken_back_never_was_and_neither_was_the_undo() -> None:
    made = order(firm(), 1200, days=300)
    before = list(Value.objects.values_list("since", "yearly"))
    with operation("order.edit", "A new price", by=BY) as (dearer, by):
        made = actions.edit(registry["order"], made, {"yearly": Decimal(1500)}, by=by)
        actions.edit(registry["order"], made, {"yearly": Decimal(1800)}, by=by)
    undo(dearer, by=BY)
    assert list(Value.objects.values_list("since", "yearly")) == before == [(made.starts_on, Decimal(1200))]


def test_of_many_changes_only_those_of_the_undone_operation_and_of_its_undo_are_passed_over() -> None:
    assert without_undone([(1, 5, 7, None), (2, 7, 9, 77), (3, 9, 8, 77), (4, 8, 7, None), (5, 7, 6, None)]) == [
        (1, 5, 7),
        (5, 7, 6),
    ]
    edited_since = [(1, 5, 7, 77), (2, 7, 8, None)]
    assert without_undone(edited_since) == [(1, 5, 7), (2, 7, 8)]


def test_a_play_begins_as_tasks_one_at_a_time_and_leaving_ends_it(expensive: ChurnReason) -> None:
    hafen = firm()
    play = actions.create(registry["play"], {"name": "Talk", "steps": "0: Call them\n7: Visit them"}, by=BY)
    begin(play, hafen, by=BY)
    tasks = registry["activity"].model.objects.filter(company=hafen)
    assert sorted(tasks.values_list("subject", flat=True)) == ["Call them", "Visit them"]
    with pytest.raises(Invalid):
        begin(play, hafen, by=BY)
    churn.run(Company.objects.get(), reason=expensive, by=BY)
    assert PlayRun.objects.get().outcome == Outcome.LOST


def test_a_line_of_a_play_that_is_no_step_is_named() -> None:
    with pytest.raises(Invalid, match="Call them"):
        Play(name="Talk", steps="Call them").verify()


def test_plays_begin_by_themselves_for_customers_at_risk_and_rest_afterwards() -> None:
    from kith.retention.models import Care

    hafen, mara = firm(), person()
    Care.objects.create(company=hafen, chance=0.4), Care.objects.create(person=mara, chance=0.1)
    actions.create(registry["play"], {"name": "Talk", "steps": "0: Call them", "from_chance": 30}, by=BY)
    assert begin_due() == 1
    assert begin_due() == 0
    run = PlayRun.objects.get()
    assert (run.company, run.chance) == (hafen, 0.4)
