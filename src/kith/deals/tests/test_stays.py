"""Stays follow the story and weights the stage: whatever writes or takes back a move, they are what they would be if
they were made anew."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kith.deals.actions import change_pipeline, lose, move_to_stage, reopen, weigh_again, win
from kith.deals.bulk import create_deals
from kith.deals.models import Deal, Pipeline, Stage, Stay
from kith.deals.queries import stage_intervals
from kith.deals.stays import rebuild
from kith.deals.tests.cast import deal, deals, reason, stage
from kith.kernel.access.actor import system
from kith.kernel.jobs.inline import run_waiting_jobs
from kith.kernel.organisation.models import bump
from kith.kernel.records.action import perform
from kith.kernel.records.actions import archive, edit
from kith.kernel.records.bulk import bulk_perform
from kith.kernel.records.merge import merge
from kith.kernel.timeline.change import change
from kith.kernel.timeline.operations import operation, undo
from tests.cast import actor

pytestmark = pytest.mark.django_db
LINE = ("Discovery", "Site survey", "Proposal", "Negotiation", "Verbal yes")
STEPS = st.sampled_from((*LINE, "win", "lose", "reopen", "undo", "bulk", "renewals", "amount"))


def stays():
    return list(
        Stay.objects.order_by("deal_id", "entered_at", "pk").values_list("deal_id", "stage_id", "entered_at", "left_at")
    )


def told_anew():
    """What the events say of all deals, whatever was kept."""
    kept = stays()
    rebuild()
    assert stays() == kept
    return kept


def renewals():
    found = Pipeline(name="Renewals", position=2)
    with change(found, by=system()):
        pass
    with change(Stage(pipeline=found, name="Talk", position=1), by=system()):
        pass
    return found


def take(step, made, done, by, other):
    """One thing that somebody does with a deal; what can be undone later is put into `done`."""
    if step == "undo":
        if done:
            undo(done.pop(), by=by)
        return
    if step == "bulk":
        with operation("bulk", "Moved", by=by) as (op, actor_):
            act = next(a for a in deals.actions if a.name == "deal.move_to_stage")
            bulk_perform(
                deals, act, [made], {"stage": str(stage("Negotiation").pk)}, by=actor_, refused=lambda *_: None
            )
        done += [op] if op.pk else []
        return
    actions = {
        "win": (win, {"reason": str(reason("Speed", "won").pk)}), "lose": (lose, {"reason": str(reason("Price").pk)}),
        "reopen": (reopen, {}), "renewals": (change_pipeline, {"pipeline": str(other.pk)}),
    }  # fmt: skip
    if step == "amount":
        edit(deals, made, {"amount": (made.amount or 0) + Decimal("10.01")}, by=by)
        return
    act, raw = actions.get(step, (move_to_stage, {"stage": str(stage(step).pk)} if step in LINE else {}))
    there = act is change_pipeline and made.pipeline_id == other.pk
    if there or not act.applies(made) or (act is move_to_stage and stage(step).pipeline_id != made.pipeline_id):
        return
    outcome = perform(act, made, raw, by=by)
    done += [outcome.operation] if outcome.operation else []


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=st.lists(STEPS, max_size=8))
def test_after_any_way_of_going_the_stays_are_those_the_events_tell_and_the_weight_is_that_of_the_stage(steps):
    with transaction.atomic():
        ines = actor("ines")
        made, other, done = deal(ines, amount=Decimal("999.99")), renewals(), []
        for step in steps:
            made.refresh_from_db()
            take(step, made, done, ines, other)
        assert [s for s in told_anew() if s[0] == made.pk]
        assert weigh_again() == 0
        transaction.set_rollback(True)  # the next example begins anew
    bump()


def test_deals_that_come_with_their_story_stand_where_and_when_it_says():
    ines = actor("ines", "import")
    history = [(stage("Discovery"), dt.date(2024, 1, 2)), (stage("Proposal"), dt.date(2024, 2, 1))]
    values = {"name": "Leak map", "amount": Decimal(900), "status": "won", "opened_on": dt.date(2024, 1, 2),
              "closed_on": dt.date(2024, 3, 1), "history": history}  # fmt: skip
    one = deal(ines, **values)
    many = create_deals([values, {**values, "name": "Leak map two"}], by=ines)
    for made in (one, *many):
        found = stage_intervals([made.pk])
        assert [(s.stage.name, s.entered.date(), s.left.date()) for s in found] == [
            ("Discovery", dt.date(2024, 1, 2), dt.date(2024, 2, 1)), ("Proposal", dt.date(2024, 2, 1), dt.date(2024, 3, 1)),
        ]  # fmt: skip
    told_anew()


def test_a_merge_leaves_the_stays_where_they_happened():
    ines = actor("ines")
    keep, other = deal(ines, name="Keep"), deal(ines, name="Other")
    move_to_stage(other, stage=stage("Proposal"), by=ines)
    before = stays()
    _row, op = merge(deals, keep, [other], by=ines)
    assert told_anew() == before
    undo(op, by=ines)
    assert told_anew() == before


def test_a_deal_put_away_keeps_its_stays_and_an_erased_one_takes_them_along():
    ines = actor("ines")
    made = deal(ines)
    archive(deals, made, by=ines)
    assert len(told_anew()) == 1
    Deal.objects.filter(pk=made.pk).delete()
    assert told_anew() == []


def test_when_a_stage_becomes_likelier_its_open_deals_weigh_more_and_the_others_what_they_did():
    ines = actor("ines")
    here, there = (
        deal(ines, name="Here", amount=Decimal(1000)),
        deal(ines, name="There", amount=Decimal(1000), stage="Proposal"),
    )
    won = win(deal(ines, name="Won", amount=Decimal(1000)), reason=reason("Speed", "won"), by=ines)
    with operation("stage.edit", "Likelier", by=system()) as (op, by), change(stage("Discovery"), by=by) as c:
        c.row.probability = Decimal("33.33")
    weights = dict(Deal.objects.values_list("name", "weighted"))
    assert weights == {"Here": Decimal("333.30"), "There": Decimal("500.00"), "Won": Decimal("1000.00")}
    assert {here.version, there.version, won.version} >= set(Deal.objects.values_list("version", flat=True))
    undo(op, by=by)
    assert Deal.objects.get(name="Here").weighted == Decimal("200.00")


def test_a_deal_written_while_its_stage_changed_is_weighed_again_a_minute_later():
    ines = actor("ines")
    made = deal(ines, amount=Decimal(1000))
    with change(stage("Discovery"), by=system()) as c:
        c.row.probability = Decimal(40)
    Deal.objects.filter(pk=made.pk).update(weighted=200)  # what somebody wrote who had read the stage before
    run_waiting_jobs(now=timezone.now() + dt.timedelta(seconds=61), names=["deals.weigh_again"])
    assert Deal.objects.get().weighted == 400
