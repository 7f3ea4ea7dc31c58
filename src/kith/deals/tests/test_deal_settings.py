"""Settings of deals: what stages ask for is seen, changed and held from the next move on."""

import re

import pytest

from kith.deals.actions import move_to_stage
from kith.deals.jobs import learn
from kith.deals.models import Deal, Stage
from kith.deals.tests.cast import deal, stage
from kith.kernel.errors import NeedsInput
from kith.kernel.lookups.tree import parse, to_json
from kith.ui.pages.tests.helpers import form_of
from tests.cast import actor, text, user

pytestmark = pytest.mark.django_db


@pytest.fixture
def astrid(client):
    client.force_login(user("astrid"))
    return actor("astrid")


def test_a_rule_saved_in_the_settings_holds_for_the_next_move(client, astrid):
    ines = actor("ines")
    made = deal(ines)
    sent = {
        "required": ["closes_on"],
        "roles": ["decider"],
        "g-r": "all",
        "c-r-0": "amount",
        "o-r-0": "over",
        "v-r-0": "1000",
        "c-r-1": "",
        "do": "apply",
    }
    response = client.post(f"/settings/pipelines/stage/{stage('Discovery').pk}", sent)
    assert (response.status_code, response["Location"]) == (303, "/settings/pipelines/")
    with pytest.raises(NeedsInput) as wants:
        move_to_stage(made, stage=stage("Site survey"), by=actor("ines"))
    assert set(wants.value.inputs) == {"closes_on", "amount"}
    shown = text(client.get("/settings/pipelines/"))
    assert "Closes Amount is over €1,000" in shown


def test_a_rule_that_cannot_be_read_is_refused_and_nothing_is_kept(client, astrid):
    found = stage("Discovery")
    sent = {"g-r": "all", "c-r-0": "amount", "o-r-0": "over", "v-r-0": "a lot"}
    response = client.post(f"/settings/pipelines/stage/{found.pk}", sent)
    assert response.status_code == 422
    assert "is not a number" in text(response)
    assert Stage.objects.get(pk=found.pk).exit_rule == {}


def test_what_only_closed_deals_have_cannot_be_asked_of_open_ones(client, astrid):
    url = f"/settings/pipelines/stage/{stage('Discovery').pk}"
    assert 'value="reason"' not in client.get(url).content.decode().split("Must hold")[0]
    response = client.post(url, {"required": ["reason"]})
    assert response.status_code == 422
    assert "An open deal cannot have “Reason” yet." in text(response)


def test_groups_of_a_rule_are_edited_as_those_of_a_filter(client, astrid):
    found = stage("Discovery", exit_rule=to_json(parse("any(source.filled,amount.over:5)")))
    url = f"/settings/pipelines/stage/{found.pk}"
    sent = {**form_of(client.get(url), url), "do": "add:r-0"}
    assert sent["g-r-0"] == "any" and sent["c-r-0-1"] == "amount" and sent["v-r-0-1"] == "5"
    grown = client.post(url, sent)
    assert grown.status_code == 200 and 'name="c-r-0-2"' in grown.content.decode()
    assert Stage.objects.get(pk=found.pk).exit_rule == {"any": [["source", "filled", []], ["amount", "over", ["5"]]]}
    kept = {**form_of(grown, url), "c-r-0-2": "name", "o-r-0-2": "has", "v-r-0-2": "pilot", "g-r-0": "not"}
    assert client.post(url, {**kept, "required": ["amount"], "do": "apply"}).status_code == 303
    rule = Stage.objects.get(pk=found.pk).exit_rule
    assert rule == {"not": [["source", "filled", []], ["amount", "over", ["5"]], ["name", "has", ["pilot"]]]}
    client.post(url, {"g-r": "all", "do": "apply"})
    assert Stage.objects.get(pk=found.pk).exit_rule == {}


def test_a_change_inside_the_rule_brings_back_the_form_alone_with_all_that_was_ticked(client, astrid):
    found = stage("Discovery")
    sent = {"required": ["amount"], "roles": ["decider"], "g-r": "all", "c-r-0": "closes_on"}
    part = client.post(f"/settings/pipelines/stage/{found.pk}", sent, headers={"HX-Request": "true"})
    body = part.content.decode()
    assert part.status_code == 200 and "<html" not in body and 'name="o-r-0"' in body
    assert re.search(r'name="required" value="amount"[^>]* checked', body)
    assert re.search(r'name="roles" value="decider"[^>]* checked', body)


def test_nobody_nests_a_rule_without_end(client, astrid):
    found = stage("Discovery")
    sent = {"g-r": "all", **{f"c-r-{n}": "amount" for n in range(70)}, **{f"v-r-{n}": "1" for n in range(70)}}
    answer = client.post(f"/settings/pipelines/stage/{found.pk}", {**sent, "do": "apply"})
    assert answer.status_code == 422 and "at most 60 conditions" in text(answer)


def test_exceptions_are_counted_beside_the_stage(client, astrid):
    stage("Discovery", required=["amount"])
    ines = actor("ines")
    move_to_stage(deal(ines), stage=stage("Site survey"), override_reason="Fair ends today", by=ines)
    assert "1 exception in 90 days" in text(client.get("/settings/pipelines/"))


def test_reasons_stand_as_two_trees_and_lists_are_reached_from_the_settings(client, astrid):
    stage("Discovery")
    assert "Price / Budget cut" in text(client.get("/settings/reasons/"))
    for slug, to in (("products", "/products/"), ("price-lists", "/price-lists/"), ("rates", "/rates/")):
        assert client.get(f"/settings/{slug}/")["Location"] == to
        assert client.get(to).status_code == 200


def test_removing_a_stage_by_hand_asks_where_its_deals_go(client, astrid):
    made = deal(actor("ines"), stage="Proposal")
    url = f"/stages/{stage('Proposal').pk}/do/remove"
    assert client.post(url, {"move_to": ""}).status_code == 422
    client.post(url, {"move_to": stage("Discovery").pk})
    assert Deal.objects.get(pk=made.pk).stage.name == "Discovery"


@pytest.mark.parametrize("who", ["ines", "rolf"])
def test_others_may_not_open_them(client, who):
    client.force_login(user(who))
    found = stage("Discovery")
    for url in ("/settings/pipelines/", "/settings/reasons/", f"/settings/pipelines/stage/{found.pk}"):
        assert client.get(url).status_code == 403


def test_learning_at_night_can_run_twice():
    stage("Discovery")
    learn()
    learn()
    assert Stage.objects.filter(usual_days__isnull=False).count() == 0
