import datetime as dt

import pytest
from django.utils import timezone

from kith.deals.actions import lose, reopen, win
from kith.deals.models import Deal
from kith.deals.queries import lost_choices, stage_intervals, won_choices
from kith.deals.tests.cast import deal, deals, reason, stage
from kith.kernel.errors import Invalid, InvalidMany, NeedsInput
from kith.kernel.records import actions
from kith.kernel.records.action import perform
from kith.kernel.records.merge import merge
from kith.kernel.records.registry import registry
from kith.kernel.timeline.models import Event
from kith.kernel.timeline.operations import undo
from kith.kernel.timeline.queries import timeline
from tests.cast import actor

pytestmark = pytest.mark.django_db


def story(deal, by):
    return [e.sentence for e in timeline(by, "deal", deal.pk)[0]]


def test_both_outcomes_need_a_reason():
    ines = actor("ines")
    made = deal(ines)
    for act in (win, lose):
        with pytest.raises(NeedsInput) as wants:
            perform(act, made, {}, by=ines)
        assert wants.value.inputs == ("reason",)
        with pytest.raises(NeedsInput):
            act(made, reason=None, by=ines)


def test_a_lost_deal_keeps_reason_competitor_and_words():
    ines = actor("ines")
    made = deal(ines)
    raw = {"reason": "Chose a competitor / Better fit", "competitor": "Dripless", "words": "They had the valve too."}
    lost = perform(lose, made, raw, by=ines).result
    assert (lost.status, lost.reason.name, lost.competitor) == ("lost", "Better fit", "Dripless")
    assert (lost.reason_words, lost.closed_on) == ("They had the valve too.", timezone.localdate())
    assert story(lost, ines)[0] == "lost this deal: Better fit (Dripless)"


def test_a_reason_of_the_other_outcome_is_refused():
    ines = actor("ines")
    made = deal(ines)
    with pytest.raises(NeedsInput) as wants:
        perform(win, made, {"reason": str(reason("Went silent").pk)}, by=ines)
    assert wants.value.errors["reason"] == ["“Went silent” is a reason for the other outcome."]


def test_winning_passes_every_stage_to_the_end():
    ines = actor("ines")
    stage("Negotiation", required=["amount"])
    made = deal(ines)
    raw = {"reason": "A reference"}
    with pytest.raises(NeedsInput) as wants:
        perform(win, made, raw, by=ines)
    assert wants.value.inputs == ("amount",)
    won = perform(win, made, {**raw, "amount": "12000"}, by=ines).result
    assert (won.status, won.amount) == ("won", 12_000)
    other = deal(ines, name="Other")
    excused = perform(win, other, {**raw, "override_reason": "Framework contract"}, by=ines).result
    assert excused.status == "won"
    assert Event.objects.get(verb="deal.won", record_id=other.pk).payload["override"] == "Framework contract"


def test_a_deal_can_have_closed_on_an_earlier_day_but_not_a_later_one():
    ines = actor("ines")
    day = timezone.localdate() - dt.timedelta(days=3)
    made = deal(ines, opened_on=day - dt.timedelta(days=30))
    won = win(made, reason=reason("Speed", "won"), closed_on=day, by=ines)
    assert won.closed_on == day
    assert Event.objects.get(verb="deal.won").at.date() == day
    with pytest.raises(Invalid, match="future"):
        win(deal(ines, name="Other"), reason=reason("Speed", "won"), closed_on=day + dt.timedelta(days=30), by=ines)


def test_closing_can_be_undone_and_a_closed_deal_opened_again():
    ines = actor("ines")
    made = deal(ines, stage="Proposal")
    outcome = perform(lose, made, {"reason": "Timing"}, by=ines)
    undo(outcome.operation, by=ines)
    made.refresh_from_db()
    assert (made.status, made.reason, made.closed_on) == ("open", None, None)
    lost = lose(made, reason=reason("Timing"), by=ines)
    again = reopen(lost, by=ines)
    assert (again.status, again.stage.name, again.reason) == ("open", "Proposal", None)
    assert story(again, ines)[0] == "opened this deal again, it was lost"
    assert [s.left is None for s in stage_intervals([made.pk])] == [False, True]
    assert reopen(again, by=ines).version == again.version


def test_what_is_closed_cannot_be_closed_again():
    ines = actor("ines")
    lost = lose(deal(ines), reason=reason("Timing"), by=ines)
    with pytest.raises(Invalid, match="This deal is lost"):
        win(lost, reason=reason("Speed", "won"), by=ines)


def test_editing_the_status_is_closing_with_its_rule():
    ines = actor("ines")
    made = deal(ines)
    with pytest.raises(InvalidMany) as refused:
        actions.edit(deals, made, {"status": "lost"}, by=ines)
    assert list(refused.value.errors) == ["reason"]
    lost = actions.edit(deals, made, {"status": "lost", "reason": reason("Price"), "competitor": "Dripless"}, by=ines)
    assert (lost.status, lost.competitor) == ("lost", "Dripless")
    won = actions.edit(deals, lost, {"status": "won", "reason": reason("Speed", "won")}, by=ines)
    assert (won.status, won.reason.name) == ("won", "Speed")
    assert actions.edit(deals, won, {"status": "open"}, by=ines).status == "open"


def test_an_import_may_close_a_deal_without_a_reason():
    ines = actor("ines", "import")
    made = deal(ines)
    won = actions.edit(deals, made, {"status": "won", "closed_on": timezone.localdate()}, by=ines)
    assert (won.status, won.reason) == ("won", None)


def test_the_reason_of_a_closed_deal_can_be_put_right_but_only_within_its_outcome():
    ines = actor("ines")
    lost = lose(deal(ines), reason=reason("Timing"), by=ines)
    assert actions.edit(deals, lost, {"reason": reason("Price")}, by=ines).reason.name == "Price"
    with pytest.raises(Invalid, match="other outcome"):
        actions.edit(deals, lost, {"reason": reason("Speed", "won")}, by=ines)


def test_places_to_drop_say_what_this_quarter_brought():
    ines = actor("ines")
    lose(deal(ines, name="One"), reason=reason("Budget cut"), by=ines)
    lose(deal(ines, name="Two"), reason=reason("Price"), by=ines)
    win(deal(ines, name="Three", amount=311_400), reason=reason("Speed", "won"), by=ines)
    lost = {label: small for _value, label, small in lost_choices(ines)}
    assert lost["Price"] == "2 this quarter"
    assert lost["Timing"] == ""
    assert won_choices(ines)[0][2] == "1 this quarter, €311,400"
    assert Deal.objects.filter(status="open").count() == 0


@pytest.mark.parametrize("open_stays", [True, False])
def test_how_a_deal_ended_stays_with_it_when_two_become_one(open_stays):
    helena = actor("helena")
    going, over = deal(helena, "Leak map"), lose(deal(helena, "Leak map again"), reason=reason("Timing"), by=helena)
    keep, other = (going, over) if open_stays else (over, going)
    kept, op = merge(registry["deal"], keep, [other], by=helena)
    assert (kept.status, kept.closed_on, kept.reason) == (keep.status, keep.closed_on, keep.reason)
    assert undo(op, by=helena).conflicts == []
