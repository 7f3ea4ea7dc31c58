"""Publishing puts a draft in force, carries journeys over, says beforehand what it does, and can be taken back."""

from __future__ import annotations

import pytest

from kith.kernel.errors import Invalid, NeedsInput
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.records.actions import archive, restore
from kith.kernel.records.registry import registry
from kith.kernel.timeline.models import Event
from kith.kernel.timeline.operations import undo
from kith.process.definition.files import from_yaml, to_yaml
from kith.process.journeys.customers import running_of
from kith.process.models import Process, Stay
from kith.process.publishing import bring, current_of, preview, save_draft
from kith.process.tests.cast import SMALL, company, in_force, journey_of, made
from kith.process.versions import draft_of, standard
from tests.cast import actor

pytestmark = pytest.mark.django_db
FASTER = SMALL.replace("within: 2 h", "within: 1 h")
WITH_TRIAL = SMALL.replace(
    "  - key: deal\n    name: Deal", "  - key: trial\n    name: Trial\n    step: 4\n  - key: deal\n    name: Deal"
)
WITHOUT_QUALIFY = SMALL[: SMALL.index("  - key: qualify")] + SMALL[SMALL.index("  - key: deal") :]
WITHOUT_QUALIFY = WITHOUT_QUALIFY.replace("    forward: [qualify]\n", "").replace("    back: [qualify]\n", "")


@pytest.fixture
def astrid():
    return actor("astrid")


def publish(process, by, **raw):
    process.refresh_from_db()
    outcome = perform(ACTIONS["process.publish"], process, raw, by=by)
    process.refresh_from_db()
    return outcome


def test_the_first_version_is_in_force_and_new_customers_begin_there(astrid):
    process = in_force(by=astrid)
    assert (process.in_force, process.is_default, draft_of(process)) == (1, True, None)
    assert standard().definition == from_yaml(SMALL)


def test_a_draft_changes_nothing_until_it_is_published(astrid):
    process = in_force(by=astrid)
    save_draft(process, from_yaml(FASTER), by=astrid)
    assert standard().definition == from_yaml(SMALL) and current_of(process) == from_yaml(FASTER)


def test_a_draft_that_says_what_is_in_force_is_none(astrid):
    process = in_force(by=astrid)
    save_draft(process, from_yaml(FASTER), by=astrid)
    save_draft(process, from_yaml(SMALL), by=astrid)
    assert draft_of(process) is None
    with pytest.raises(Invalid, match="no draft"):
        publish(process, astrid)


def test_what_publishing_would_do_is_said_before(astrid):
    process = in_force(by=astrid)
    company(astrid)
    told = preview(process, from_yaml(FASTER))
    assert told.changes == ["Capture: the service level is 1 h, it was 2 h."]
    assert (told.running, told.sooner, told.later, told.gone) == (1, 1, 0, {})


def test_a_preview_of_very_many_says_at_least_how_many(astrid, monkeypatch):
    from kith.process import publishing
    from kith.process.editor.desk import moved_words

    process = in_force(by=astrid)
    for name in ("Hotel Bellevue", "Hotel Astoria", "Bakery Lund"):
        company(astrid, name)
    monkeypatch.setattr(publishing, "MOST_CLOCKED", 2)
    told = preview(process, from_yaml(FASTER))
    assert (told.running, told.sooner, told.capped) == (3, 2, True)
    assert moved_words(told)[1] == "At least 2 of them get less time."


def test_journeys_on_their_way_go_on_under_the_new_version_and_its_clocks(astrid):
    process = in_force(by=astrid)
    bellevue = company(astrid)
    before = journey_of(bellevue)
    save_draft(process, from_yaml(FASTER), by=astrid)
    publish(process, astrid, note="Answer sooner")
    after = journey_of(bellevue)
    assert (after.held_to, after.entered_at) == (2, before.entered_at)
    assert (before.due_at - after.due_at).total_seconds() == 3600
    assert Event.objects.get(verb="journey.version_changed").payload["number"] == 2
    assert Stay.objects.filter(journey=after).count() == 1


def test_a_stage_that_goes_asks_where_its_journeys_go(astrid):
    process = in_force(by=astrid)
    bellevue = company(astrid)
    perform(ACTIONS["journey.move"], journey_of(bellevue), {"stage": "qualify"}, by=astrid)
    save_draft(process, from_yaml(WITHOUT_QUALIFY), by=astrid)
    with pytest.raises(NeedsInput, match="qualify"):
        publish(process, astrid)
    with pytest.raises(Invalid, match="no stage of this version"):
        publish(process, astrid, moves="qualify=nowhere")
    publish(process, astrid, moves="qualify=capture")
    assert journey_of(bellevue).stage == "capture"
    assert list(Stay.objects.order_by("entered_at").values_list("stage", flat=True)) == [
        "capture",
        "qualify",
        "capture",
    ]


def test_publishing_can_be_taken_back(astrid):
    process = in_force(by=astrid)
    bellevue = company(astrid)
    save_draft(process, from_yaml(WITH_TRIAL), by=astrid)
    outcome = publish(process, astrid)
    assert journey_of(bellevue).held_to == 2
    undo(outcome.operation, by=astrid)
    process.refresh_from_db()
    assert (process.in_force, journey_of(bellevue).held_to) == (1, 1)
    assert current_of(process) == from_yaml(WITH_TRIAL), "the draft is there again"


def test_relationships_that_began_or_ended_under_a_version_taken_back_go_on(astrid):
    process = in_force(by=astrid)
    save_draft(process, from_yaml(WITH_TRIAL), by=astrid)
    outcome = publish(process, astrid)
    begun, ended = company(astrid), company(astrid, "Atlas")
    perform(ACTIONS["journey.move"], journey_of(begun), {"stage": "trial", "reason": "Wants to try"}, by=astrid)
    closed = journey_of(ended)
    perform(ACTIONS["journey.close"], closed, {"outcome": "lost", "reason": "No budget"}, by=astrid)
    undo(outcome.operation, by=astrid)
    assert (journey_of(begun).stage, journey_of(begun).held_to) == ("qualify", 1)
    closed.refresh_from_db()
    perform(ACTIONS["journey.reopen"], closed, {}, by=astrid)
    assert journey_of(ended).stage == "capture"
    publish(process, astrid)
    assert process.in_force == 3 and journey_of(begun).held_to == 3


def test_a_relationship_taken_up_again_goes_on_under_the_version_in_force(astrid):
    process = in_force(by=astrid)
    bellevue = company(astrid)
    perform(ACTIONS["journey.move"], journey_of(bellevue), {"stage": "qualify"}, by=astrid)
    closed = journey_of(bellevue)
    perform(ACTIONS["journey.close"], closed, {"outcome": "lost", "reason": "No budget"}, by=astrid)
    save_draft(process, from_yaml(WITHOUT_QUALIFY), by=astrid)
    publish(process, astrid)
    closed.refresh_from_db()
    outcome = perform(ACTIONS["journey.reopen"], closed, {}, by=astrid)
    journey = journey_of(bellevue)
    assert (journey.held_to, journey.stage, journey.due_at is not None) == (2, "capture", True), "qualify is no more"
    told = Event.objects.get(verb="journey.reopened").payload
    assert (told["stage"], told["version"]) == ("capture", 2)
    undo(outcome.operation, by=astrid)
    closed.refresh_from_db()
    assert (closed.held_to, closed.stage, closed.is_running) == (1, "qualify", False)


def test_one_that_ended_under_a_version_taken_back_goes_on_under_the_one_that_holds(astrid):
    process = in_force(by=astrid)
    save_draft(process, from_yaml(WITH_TRIAL), by=astrid)
    outcome = publish(process, astrid)
    bellevue = company(astrid)
    perform(ACTIONS["journey.move"], journey_of(bellevue), {"stage": "trial", "reason": "Wants to try"}, by=astrid)
    closed = journey_of(bellevue)
    perform(ACTIONS["journey.close"], closed, {"outcome": "lost", "reason": "No budget"}, by=astrid)
    undo(outcome.operation, by=astrid)
    closed.refresh_from_db()
    perform(ACTIONS["journey.reopen"], closed, {}, by=astrid)
    assert (journey_of(bellevue).held_to, journey_of(bellevue).stage) == (1, "qualify")


def test_a_customer_who_is_brought_back_goes_on_under_the_version_in_force(astrid):
    process = in_force(by=astrid)
    bellevue = company(astrid)
    perform(ACTIONS["journey.move"], journey_of(bellevue), {"stage": "qualify"}, by=astrid)
    archive(registry["company"], bellevue, by=astrid)
    save_draft(process, from_yaml(WITHOUT_QUALIFY), by=astrid)
    publish(process, astrid)
    bellevue.refresh_from_db()
    restore(registry["company"], bellevue, by=astrid)
    journey = journey_of(bellevue)
    assert (journey.held_to, journey.stage) == (2, "capture")
    assert [s.stage for s in Stay.objects.order_by("entered_at", "pk")] == ["capture", "qualify", "capture"]


def test_an_added_stage_is_met_by_the_next_journey(astrid):
    process = in_force(by=astrid)
    save_draft(process, from_yaml(WITH_TRIAL), by=astrid)
    publish(process, astrid)
    bellevue = company(astrid)
    made("deal", astrid, name="Sensors", company=bellevue)
    assert journey_of(bellevue).skipped == ["qualify", "trial"]


def test_a_copy_is_a_draft_of_its_own(astrid):
    process = in_force(by=astrid)
    copied = perform(ACTIONS["process.copy"], process, {"name": "Ours", "key": "ours"}, by=astrid).result
    assert (copied.key, copied.in_force) == ("ours", None)
    assert to_yaml(current_of(copied)) == to_yaml(from_yaml(SMALL)).replace("key: small", "key: ours", 1).replace(
        "name: Small", "name: Ours", 1
    )


def test_a_process_that_somebody_is_on_is_not_removed(astrid):
    process = in_force(by=astrid)
    bellevue = company(astrid)
    with pytest.raises(Invalid, match="1 relationships are on this process"):
        perform(ACTIONS["process.remove"], process, {}, by=astrid)
    assert running_of("company", bellevue.pk) is not None


def test_a_file_with_faults_is_not_brought_in(astrid):
    with pytest.raises(Invalid, match="no event of Kith"):
        bring(from_yaml(SMALL.replace("[deal.won]", "[deal.wonn]")), by=astrid)
    assert not Process.objects.exists()


def test_the_plain_page_of_a_process_leads_to_its_editor_and_its_guide(astrid, client):
    from tests.cast import user

    process = in_force(by=astrid)
    for who, edits in (("astrid", True), ("ines", False)):
        client.force_login(user(who))
        page = client.get(f"/processes/{process.pk}").content.decode()
        assert ('href="/settings/process/small/"' in page) is edits and 'href="/process/guide/small/"' in page


def test_only_those_who_manage_settings_change_a_process(astrid):
    from kith.kernel.errors import NotAllowed

    with pytest.raises(NotAllowed):
        bring(from_yaml(SMALL), by=actor("ines"))
