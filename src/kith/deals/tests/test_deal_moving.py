import datetime as dt

import pytest

from kith.deals.actions import change_pipeline, move_to_stage, reassign, remove_stage
from kith.deals.configuration import passed, stage_of
from kith.deals.models import Deal, Pipeline, Stage
from kith.deals.queries import exceptions, stage_intervals
from kith.deals.rules import missing_for
from kith.deals.tests.cast import days_ago, deal, deals, stage
from kith.kernel.access.actor import system
from kith.kernel.errors import Conflict, Invalid, InvalidMany, NeedsInput, NotAllowed, NotFound
from kith.kernel.lookups.tree import parse, to_json
from kith.kernel.records import actions
from kith.kernel.records.action import perform
from kith.kernel.timeline.change import change
from kith.kernel.timeline.models import Event, Operation
from kith.kernel.timeline.operations import undo
from kith.kernel.timeline.queries import timeline
from tests.cast import actor, policy, user

pytestmark = pytest.mark.django_db


def story(deal, by):
    return [e.sentence for e in timeline(by, "deal", deal.pk)[0]]


def backdate(deal, days):
    Deal.objects.filter(pk=deal.pk).update(stage_since=days_ago(days))


def test_a_move_is_told_once_and_starts_the_clock_of_the_new_stage():
    ines = actor("ines")
    made = deal(ines)
    backdate(made, 10)
    moved = move_to_stage(made, stage=stage("Site survey"), by=ines)
    again = move_to_stage(moved, stage=stage("Site survey"), by=ines)
    assert again.stage.name == "Site survey"
    assert again.stage_since > days_ago(1)
    assert story(made, ines) == ["moved this from Discovery to Site survey", "opened this deal in Discovery"]


def test_a_stage_asks_for_exactly_what_is_missing_and_takes_it_in_the_same_step():
    ines = actor("ines")
    stage("Discovery", required=["amount", "closes_on"])
    made = deal(ines, amount=96_000)
    with pytest.raises(NeedsInput) as wants:
        perform(move_to_stage, made, {"stage": stage("Site survey").pk}, by=ines)
    assert wants.value.inputs == ("closes_on",)
    assert wants.value.message == "Site survey first needs Closes."
    assert Deal.objects.get().stage.name == "Discovery"
    outcome = perform(move_to_stage, made, {"stage": stage("Site survey").pk, "closes_on": "2026-07-01"}, by=ines)
    assert (outcome.result.stage.name, str(outcome.result.closes_on)) == ("Site survey", "2026-07-01")
    undo(outcome.operation, by=ines)
    made.refresh_from_db()
    assert (made.stage.name, made.closes_on) == ("Discovery", None)


def test_every_stage_passed_on_the_way_has_its_say():
    ines = actor("ines")
    stage("Discovery", required=["amount"])
    stage("Site survey", required=["closes_on"])
    stage("Proposal", required=["contact"])
    made = deal(ines)

    def asked(row, to):
        return [key for key, _s in missing_for(row, passed(stage_of(row.stage_id), to))]

    assert asked(made, stage("Site survey")) == ["amount"]
    assert asked(made, stage("Proposal")) == ["amount", "closes_on"]
    assert asked(made, None) == ["amount", "closes_on", "contact"]
    far = deal(ines, name="Far", amount=1, closes_on=dt.date(2026, 7, 1), stage="Proposal")
    assert asked(far, stage("Discovery")) == []


def test_a_filter_tree_keeps_a_deal_until_it_holds():
    ines = actor("ines")
    rule = to_json(parse("amount.over:1000,any(owner.is:me,source.filled)"))
    stage("Discovery", exit_rule=rule)
    made = deal(ines, amount=500, owner=user("jonas"))
    with pytest.raises(NeedsInput) as wants:
        move_to_stage(made, stage=stage("Site survey"), by=ines)
    assert wants.value.inputs == ("amount",)
    assert "Amount is over €1,000" in wants.value.message
    assert "Owner is me or Came through is known" in wants.value.message
    moved = move_to_stage(made, stage=stage("Site survey"), columns={"amount": 1001, "source": "Fair"}, by=ines)
    assert (moved.stage.name, moved.amount) == ("Site survey", 1001)


def test_a_rule_over_a_column_that_is_gone_does_not_trap_deals():
    ines = actor("ines")
    stage("Discovery", exit_rule={"all": [["custom.gone", "is", ["x"]]]}, required=["custom.gone"])
    assert move_to_stage(deal(ines), stage=stage("Site survey"), by=ines).stage.name == "Site survey"


def test_an_exception_needs_a_reason_which_is_kept_told_and_counted():
    ines = actor("ines")
    stage("Discovery", required=["amount"])
    made = deal(ines)
    moved = move_to_stage(made, stage=stage("Site survey"), override_reason="Champion leaves on Friday", by=ines)
    assert moved.stage.name == "Site survey"
    event = Event.objects.get(verb="deal.stage_moved")
    assert event.payload["override"] == "Champion leaves on Friday"
    assert event.payload["missing"] == ["Discovery is left only when Amount is known."]
    assert "although something was missing: “Champion leaves on Friday”" in story(made, ines)[0]
    assert exceptions() == {stage("Discovery").pk: 1}


def test_a_strict_stage_allows_no_exception():
    ines = actor("ines")
    stage("Discovery", required=["amount"], strict=True)
    with pytest.raises(NeedsInput) as wants:
        move_to_stage(deal(ines), stage=stage("Site survey"), override_reason="Please", by=ines)
    assert wants.value.errors["override_reason"] == ["“Discovery” allows no exceptions."]


def test_skipping_and_going_back_are_named_and_asked_about_where_the_pipeline_wants_it():
    ines = actor("ines")
    made = deal(ines)
    moved = move_to_stage(made, stage=stage("Negotiation"), by=ines)
    assert story(made, ines)[0] == "moved this from Discovery to Negotiation, past Site survey, Proposal"
    with change(moved.pipeline, by=system()) as c:
        c.row.ask_on_skip = c.row.ask_on_return = True
    ines = actor("ines")
    with pytest.raises(NeedsInput, match="Say why the deal goes back"):
        move_to_stage(moved, stage=stage("Discovery"), by=ines)
    back = move_to_stage(moved, stage=stage("Discovery"), override_reason="New building", by=ines)
    assert Event.objects.filter(verb="deal.stage_moved", payload__back=True).count() == 1
    with pytest.raises(NeedsInput, match="Say why Site survey is skipped"):
        move_to_stage(back, stage=stage("Proposal"), by=ines)


def test_a_closed_deal_does_not_move():
    ines = actor("ines", "import")
    with pytest.raises(Invalid, match="This deal is won; open it again"):
        move_to_stage(deal(ines, status="won", closed_on=dt.date(2024, 5, 1)), stage=stage("Proposal"), by=ines)


def test_a_stage_of_another_pipeline_is_refused_and_changing_the_pipeline_moves_there():
    ines = actor("ines")
    made = deal(ines)
    renewals = Pipeline(name="Renewals", position=2)
    with change(renewals, by=system()):
        pass
    for place, name in enumerate(("Talk", "Offer"), 1):
        with change(Stage(pipeline=renewals, name=name, position=place), by=system()):
            pass
    offer = Stage.objects.get(name="Offer")
    with pytest.raises(Invalid, match="belongs to the pipeline Renewals"):
        move_to_stage(made, stage=offer, by=ines)
    moved = change_pipeline(made, pipeline=renewals, by=ines)
    assert (moved.pipeline.name, moved.stage.name) == ("Renewals", "Talk")
    assert story(made, ines)[0] == "moved this from Sales to Renewals, Talk"
    assert [s.stage.name for s in stage_intervals([made.pk])] == ["Discovery", "Talk"]


def test_an_undone_move_never_happened_for_time_in_stage():
    ines = actor("ines")
    made = deal(ines)
    backdate(made, 30)
    since = Deal.objects.get().stage_since
    outcome = perform(move_to_stage, made, {"stage": str(stage("Proposal").pk)}, by=ines)
    undo(outcome.operation, by=ines)
    made.refresh_from_db()
    assert (made.stage.name, made.stage_since) == ("Discovery", since)
    assert [s.stage.name for s in stage_intervals([made.pk])] == ["Discovery"]


def test_editing_the_stage_is_a_move_with_its_rule():
    """What an import that updates, and any code that edits, ends in."""
    ines = actor("ines")
    stage("Discovery", required=["amount"])
    made = deal(ines)
    with pytest.raises(InvalidMany) as refused:
        actions.edit(deals, made, {"stage": stage("Site survey")}, by=ines)
    assert list(refused.value.errors) == ["amount"]
    moved = actions.edit(deals, made, {"stage": stage("Site survey"), "amount": 5, "name": "Leak map"}, by=ines)
    assert (moved.stage.name, moved.amount, moved.name) == ("Site survey", 5, "Leak map")


def test_a_form_that_did_not_touch_the_stage_does_not_undo_a_colleagues_move():
    ines = actor("ines")
    made = deal(ines)
    column = deals.columns()["stage"]
    base = {"stage": column.raw(made), "name": made.name}
    move_to_stage(made, stage=stage("Site survey"), by=actor("jonas"))
    edited = actions.edit(deals, made, {"stage": stage("Discovery"), "name": "New name"}, by=ines, base=base)
    assert (edited.stage.name, edited.name) == ("Site survey", "New name")
    with pytest.raises(Conflict):
        actions.edit(deals, made, {"stage": stage("Proposal")}, by=ines, base=base)


def test_handing_over_is_told_in_names():
    helena = actor("helena")
    made = deal(actor("ines"))
    assert reassign(made, owner=user("jonas"), by=helena).owner == user("jonas")
    assert story(made, helena)[0] == "handed this from Ines Okafor to Jonas Lindqvist"


def test_who_may_not_edit_may_not_move():
    made = deal(actor("ines"))
    with pytest.raises(NotAllowed):
        perform(move_to_stage, made, {"stage": stage("Proposal").pk}, by=actor("rolf"))
    policy("member", "deal", see="own", edit="own")
    with pytest.raises(NotFound):
        perform(move_to_stage, made, {"stage": stage("Proposal").pk}, by=actor("jonas"))


def test_removing_a_stage_asks_where_its_deals_go_and_one_undo_brings_all_back():
    astrid = actor("astrid")
    made = [deal(astrid, name=f"Deal {n}", stage="Proposal") for n in range(3)]
    with pytest.raises(NeedsInput) as wants:
        perform(remove_stage, stage("Proposal"), {}, by=astrid)
    assert wants.value.inputs == ("move_to",)
    target = stage("Site survey")
    outcome = perform(remove_stage, stage("Proposal"), {"move_to": str(target.pk)}, by=astrid)
    assert set(Deal.objects.values_list("stage__name", flat=True)) == {"Site survey"}
    assert Stage.objects.get(name="Proposal").archived_at
    undo(Operation.objects.get(pk=outcome.operation.pk), by=astrid)
    assert set(Deal.objects.values_list("stage__name", flat=True)) == {"Proposal"}
    assert Stage.objects.get(name="Proposal").archived_at is None
    assert len(made) == 3


def test_only_those_who_manage_settings_remove_stages():
    with pytest.raises(NotAllowed):
        perform(remove_stage, stage("Proposal"), {}, by=actor("ines"))
