"""Who may enter a stage: the rule is said in words, holds events visibly, and is looked at again."""

from __future__ import annotations

import html

import pytest

from kith.kernel.customfields.actions import archive_field, define
from kith.kernel.customfields.models import CustomField
from kith.kernel.errors import Invalid, NeedsInput
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.records.actions import edit
from kith.kernel.records.registry import registry
from kith.kernel.timeline.models import Event
from kith.kernel.timeline.operations import operation, undo
from kith.process.definition.files import from_yaml
from kith.process.panels import gate
from kith.process.publishing import bring
from kith.process.tests.cast import SMALL, call, company, in_force, journey_of, made, person
from tests.cast import actor, user

pytestmark = pytest.mark.django_db
RULE = '    entry: {of: company, where: "industry.has:hotel"}\n'
RULED = SMALL.replace("    enters_on: [deal.created]\n", "    enters_on: [deal.created]\n" + RULE)
STRICT = RULED.replace("    within: 2 h\n", "    gate: strict\n    within: 2 h\n").replace(
    "    forward: [qualify]\n", "    forward: [qualify, deal]\n"
)
TRADED = SMALL.replace(
    "    enters_on: [deal.created]\n",
    '    enters_on: [deal.created]\n    entry: {of: company, where: "custom.trade.has:Hotels"}\n',
)


@pytest.fixture
def ines():
    return actor("ines")


def move(journey, by, **raw):
    return perform(ACTIONS["journey.move"], journey, raw, by=by).result


def held():
    return [e.payload["missing"] for e in Event.objects.filter(verb="journey.held").order_by("id")]


def industry(row, by, words="Hotels"):
    return edit(registry["company"], row, {"industry": words}, by=by)


def traded(by):
    """A process whose entry rule looks at a field that was removed after it was published."""
    field = define(record="company", label="Trade", kind="text", by=by)
    process = in_force(TRADED, by=by)
    archive_field(CustomField.objects.get(pk=field.pk), by=by)
    return process


def test_by_hand_the_rule_is_said_in_words_and_a_reason_passes_a_soft_gate(ines):
    in_force(RULED)
    bellevue = company(ines)
    with pytest.raises(NeedsInput, match=r"Missing: entry rule of Deal \(Company: Industry contains hotel\)"):
        move(journey_of(bellevue), ines, stage="deal")
    moved = move(journey_of(bellevue), ines, stage="deal", reason="They are a hotel, nobody wrote it down")
    assert moved.stage == "deal"
    assert Event.objects.get(verb="journey.moved").payload["missing"] == [
        "entry rule of Deal (Company: Industry contains hotel)"
    ]


def test_by_hand_nobody_enters_against_the_rule_from_behind_a_strict_gate(ines):
    in_force(STRICT)
    bellevue = company(ines)
    with pytest.raises(Invalid, match=r"Capture is a strict gate. Missing: entry rule of Deal \(Company"):
        move(journey_of(bellevue), ines, stage="deal", reason="all the same")
    industry(bellevue, ines)
    assert move(journey_of(bellevue), ines, stage="deal").stage == "deal"


def test_an_event_is_held_by_the_rule_which_is_told_once_and_goes_on_when_the_rule_becomes_true(ines):
    in_force(RULED)
    bellevue = company(ines)
    made("deal", ines, name="Sensors", company=bellevue)
    made("deal", ines, name="More sensors", company=bellevue)
    journey = journey_of(bellevue)
    assert (journey.stage, journey.wanted) == ("capture", "deal")
    assert held() == ["entry rule of Deal (Company: Industry contains hotel)"]
    industry(bellevue, ines)
    journey = journey_of(bellevue)
    assert (journey.stage, journey.wanted, journey.skipped) == ("deal", "", ["qualify"])
    assert Event.objects.get(verb="journey.moved").payload["on"] == "company.changed"


def test_what_happens_with_one_of_its_people_has_it_looked_at_again(ines):
    in_force(RULED.replace('{of: company, where: "industry.has:hotel"}', '{of: person, where: "job_title.has:buyer"}'))
    bellevue = company(ines)
    marta = person(ines, company=bellevue)
    made("deal", ines, name="Sensors", company=bellevue)
    assert journey_of(bellevue).stage == "capture"
    edit(registry["person"], marta, {"job_title": "Head buyer"}, by=ines)
    assert journey_of(bellevue).stage == "deal"


def test_a_strict_gate_that_held_an_event_lets_it_through_once_all_is_met(ines):
    in_force(SMALL.replace("    only: []\n", "    gate: strict\n"))
    bellevue = company(ines, industry="Hotels")
    call(ines, company=bellevue)
    made("deal", ines, name="Sensors", company=bellevue)
    assert (journey_of(bellevue).stage, held()) == ("qualify", ["Fit was judged"])
    perform(ACTIONS["journey.tick"], journey_of(bellevue), {"need": "fit"}, by=ines)
    assert journey_of(bellevue).stage == "deal"


def test_moving_on_by_hand_ends_the_waiting(ines):
    in_force(RULED)
    bellevue = company(ines)
    made("deal", ines, name="Sensors", company=bellevue)
    move(journey_of(bellevue), ines, stage="qualify")
    assert journey_of(bellevue).wanted == ""
    industry(bellevue, ines)
    assert journey_of(bellevue).stage == "qualify"


def test_taking_back_what_happened_takes_back_the_waiting(ines):
    in_force(RULED)
    bellevue = company(ines)
    with operation("test.deal", "A deal", by=ines, record="deal") as (op, by):
        made("deal", by, name="Sensors", company=bellevue)
    assert journey_of(bellevue).wanted == "deal"
    undo(op, by=ines)
    assert journey_of(bellevue).wanted == ""


def test_somebody_who_does_not_wait_opens_no_journey_by_anything_that_happens(ines):
    bellevue = company(ines)
    in_force(RULED)
    industry(bellevue, ines)
    assert not bellevue.journeys.exists()


def test_the_card_says_what_holds_them_back(ines):
    in_force(RULED)
    bellevue = company(ines)
    made("deal", ines, name="Sensors", company=bellevue)
    assert gate(ines, bellevue)["waits"] == (
        "Held back from Deal: entry rule of Deal (Company: Industry contains hotel). Goes on by itself once that is met."
    )


def test_those_who_are_held_back_stand_in_a_list(client, ines):
    client.force_login(user("ines"))
    in_force(RULED)
    bellevue = company(ines)
    company(ines, "Clinic")
    made("deal", ines, name="Sensors", company=bellevue)
    page = client.get("/journeys/?filter=closed_at.empty,wanted.filled").content.decode()
    assert "Hotel Bellevue" in page and "Clinic" not in page


def test_a_rule_whose_field_was_removed_is_named_by_move_by_event_and_on_the_card(ines):
    traded(actor("astrid"))
    bellevue = company(ines)
    says = "Stage “Deal”: entry rule: custom.trade: There is no field “custom.trade” to filter by."
    with pytest.raises(NeedsInput) as refused:
        move(journey_of(bellevue), ines, stage="deal")
    assert refused.value.message.startswith(f"Missing: {says} From Capture the ways on are: Qualify.")
    made("deal", ines, name="Sensors", company=bellevue)
    assert held() == [says.rstrip(".")]
    waits = f"Held back from Deal: {says} Goes on once that is mended under Settings, Process."
    assert gate(ines, bellevue)["waits"] == waits
    move(journey_of(bellevue), ines, stage="qualify")
    asked = gate(ines, journey_of(bellevue))["asked"]
    assert [item["label"] for item in asked if not item["met"]][-1] == says


def test_settings_say_what_a_version_in_force_names_that_is_gone(client):
    client.force_login(user("astrid"))
    traded(actor("astrid"))
    for path in ("/settings/process/", "/settings/process/small/", "/settings/process/small/deal/"):
        page = html.unescape(client.get(path).content.decode())
        assert (
            page.count("Stage “Deal”: entry rule: custom.trade: There is no field “custom.trade” to filter by.") == 1
        ), path
        assert "Version 1 of Small, which is in force, asks for what is no longer there." in page


def test_those_whom_a_broken_rule_held_go_on_when_a_mended_version_is_published(ines):
    astrid = actor("astrid")
    process = traded(astrid)
    bellevue = company(ines, industry="Hotels")
    made("deal", ines, name="Sensors", company=bellevue)
    bring(from_yaml(RULED), by=astrid)
    outcome = perform(ACTIONS["process.publish"], process, {}, by=astrid)
    assert (journey_of(bellevue).stage, journey_of(bellevue).wanted) == ("deal", "")
    undo(outcome.operation, by=astrid)
    assert journey_of(bellevue).held_to == 1


def test_nobody_waits_for_a_stage_that_a_new_version_does_not_have(ines):
    astrid = actor("astrid")
    process = in_force(RULED, by=astrid)
    bellevue = company(ines)
    made("deal", ines, name="Sensors", company=bellevue)
    gone = from_yaml(
        SMALL.replace("    back: [qualify]\n", "").replace("key: deal\n", "key: offer\n").replace("[deal]", "[offer]")
    )
    bring(gone, by=astrid)
    perform(ACTIONS["process.publish"], process, {}, by=astrid)
    assert (journey_of(bellevue).stage, journey_of(bellevue).wanted) == ("capture", "")


def test_settings_say_nothing_of_a_version_that_can_be_met(client):
    client.force_login(user("astrid"))
    in_force(RULED, by=actor("astrid"))
    assert "asks for what is no longer" not in client.get("/settings/process/").content.decode()


def test_the_page_of_the_rule_says_what_it_does(client):
    client.force_login(user("astrid"))
    in_force(RULED, by=actor("astrid"))
    page = client.get("/settings/process/small/deal/entry/").content.decode()
    assert "By hand a written reason lets them in, unless the gate they leave is strict." in page
