import datetime as dt
from decimal import Decimal

import pytest

from kith.deals.actions import learn_usual_days, lose, move_to_stage, win
from kith.deals.models import Deal, Stage
from kith.deals.queries import is_stalled, stall_words, usual_days
from kith.deals.tests.cast import days_ago, deal, deals, reason, stage
from kith.kernel.lookups.compile import compile_tree
from kith.kernel.lookups.tree import parse
from kith.kernel.records.actions import create
from kith.kernel.records.registry import registry
from kith.kernel.segments.explaining import why
from tests.cast import actor

pytestmark = pytest.mark.django_db


def names(by, filter):
    rows = compile_tree(deals, parse(filter), by).apply(deals.rows(by))
    return sorted(rows.values_list("name", flat=True))


def since(made, days, touched=None):
    Deal.objects.filter(pk=made.pk).update(stage_since=days_ago(days), last_touch_at=touched and days_ago(touched))
    return Deal.objects.get(pk=made.pk)


def test_a_deal_stalls_when_neither_a_move_nor_a_touch_happened_for_the_days_of_its_stage():
    ines = actor("ines")
    stage("Discovery", stall_days=14)
    quiet = since(deal(ines, name="Quiet"), 21)
    talked = since(deal(ines, name="Talked"), 21, touched=2)
    fresh = since(deal(ines, name="Fresh"), 13.9)
    closed = since(lose(deal(ines, name="Closed"), reason=reason("Timing"), by=ines), 40)
    assert names(ines, "stalled.is:1") == ["Quiet"]
    assert names(ines, "stalled.is:0") == ["Closed", "Fresh", "Talked"]
    assert [is_stalled(d) for d in (quiet, talked, fresh, closed)] == [True, False, False, False]
    assert stall_words(quiet) == "21 days without a step"
    quiet.next_step = "Write to Marta"
    assert stall_words(quiet) == "21 days silent"


def test_where_nobody_set_a_threshold_it_is_learned_from_deals_that_were_won():
    ines = actor("ines", "import")
    for n in range(12):
        opened = dt.date(2024, 1, 1) + dt.timedelta(days=n)
        deal(ines, name=f"Won {n}", status="won", opened_on=opened, closed_on=opened + dt.timedelta(days=5))
    assert usual_days() == {stage("Discovery").pk: 5}
    stage("Discovery", stall_days=None)
    assert learn_usual_days() == 1
    assert learn_usual_days() == 0
    slow = since(deal(ines, name="Slow"), 10.5)
    usual = since(deal(ines, name="Usual"), 9.5)
    assert names(ines, "stalled.is:1") == ["Slow"]
    assert [is_stalled(d) for d in (slow, usual)] == [True, False]
    slow.next_step = "Call"
    assert stall_words(slow) == "10 days silent, usual 5"
    assert Stage.objects.get(name="Proposal").usual_days is None


def test_a_stage_without_any_threshold_never_stalls():
    ines = actor("ines")
    stage("Discovery", stall_days=None)
    since(deal(ines), 900)
    assert names(ines, "stalled.is:1") == []


def test_weighted_is_what_the_stage_makes_likely_all_when_won_and_nothing_when_lost():
    ines = actor("ines")
    deal(ines, name="Open", amount=Decimal(1000), stage="Site survey")
    win(deal(ines, name="Won", amount=Decimal(1000)), reason=reason("Speed", "won"), by=ines)
    lose(deal(ines, name="Lost", amount=Decimal(1000)), reason=reason("Price"), by=ines)
    columns = [deals.columns()["weighted"], deals.columns()["days_in_stage"]]
    found = {r.name: (columns[0].get(r), columns[1].get(r)) for r in deals.listing(deals.rows(ines), columns)}
    assert found == {"Open": (350, 0), "Won": (1000, None), "Lost": (0, None)}


def test_days_in_stage_can_be_filtered_and_sorted_by():
    ines = actor("ines")
    since(deal(ines, name="Old"), 30.2)
    since(deal(ines, name="New"), 3.2)
    assert names(ines, "days_in_stage.over:7") == ["Old"]


def test_views_that_come_with_deals_find_what_they_say():
    ines = actor("ines")
    made = deal(ines, name="Waiting")
    Deal.objects.filter(pk=deal(ines, name="Planned").pk).update(next_step="Call", next_step_at=days_ago(-1))
    win(deal(ines, name="Won"), reason=reason("Speed", "won"), by=ines)
    since(made, 60)
    found = {view.key: names(ines, view.filter) for view in deals.views}
    assert found["no-next-step"] == found["stalled"] == ["Waiting"]
    assert found["open"] == ["Planned", "Waiting"]
    assert (found["won"], found["lost"]) == (["Won"], [])


def test_time_in_stage_costs_one_query(django_assert_num_queries):
    ines = actor("ines")
    made = move_to_stage(deal(ines), stage=stage("Proposal"), by=ines)
    from kith.deals.queries import stage_intervals

    with django_assert_num_queries(1):
        stage_intervals([made.pk])


def test_why_a_deal_is_in_a_segment_says_its_amount_with_the_currency():
    ines = actor("ines")
    large = create(registry["segment"], {"name": "Large", "conditions": "amount.filled", "subject": "deal"}, by=ines)
    made = deal(ines, amount=Decimal(1250), currency="SEK")
    assert why(large, made.pk, ines).reasons[0].value == deals.columns()["amount"].show(made.amount, made)
    assert "SEK" in why(large, made.pk, ines).reasons[0].value
