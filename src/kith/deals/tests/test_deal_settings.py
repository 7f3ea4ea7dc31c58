"""Settings of deals: what stages ask for is seen, changed and held from the next move on."""

import re

import pytest

from kith.deals.actions import move_to_stage
from kith.deals.jobs import learn
from kith.deals.models import Deal, Stage
from kith.deals.tests.cast import deal, stage
from kith.kernel.errors import NeedsInput
from kith.kernel.lookups.tree import parse, to_json
from tests.cast import actor, user

pytestmark = pytest.mark.django_db


@pytest.fixture
def astrid(client):
    client.force_login(user("astrid"))
    return actor("astrid")


def text(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def test_a_rule_saved_in_the_settings_holds_for_the_next_move(client, astrid):
    ines = actor("ines")
    made = deal(ines)
    sent = {
        "required": ["closes_on"],
        "roles": ["decider"],
        "column": ["amount", ""],
        "op": ["over", "is"],
        "value": ["1000", ""],
    }
    response = client.post(f"/settings/pipelines/stage/{stage('Discovery').pk}", sent)
    assert (response.status_code, response["Location"]) == (302, "/settings/pipelines/")
    with pytest.raises(NeedsInput) as wants:
        move_to_stage(made, stage=stage("Site survey"), by=actor("ines"))
    assert set(wants.value.inputs) == {"closes_on", "amount"}
    shown = text(client.get("/settings/pipelines/"))
    assert "Closes Amount is over €1,000" in shown


def test_a_rule_that_cannot_be_read_is_refused_and_nothing_is_kept(client, astrid):
    found = stage("Discovery")
    sent = {"column": ["amount"], "op": ["over"], "value": ["a lot"]}
    response = client.post(f"/settings/pipelines/stage/{found.pk}", sent)
    assert response.status_code == 422
    assert "is not a number" in text(response)
    assert Stage.objects.get(pk=found.pk).exit_rule == {}


def test_what_only_closed_deals_have_cannot_be_asked_of_open_ones(client, astrid):
    url = f"/settings/pipelines/stage/{stage('Discovery').pk}"
    assert 'value="reason"' not in client.get(url).content.decode().split("<legend>Must hold")[0]
    response = client.post(url, {"required": ["reason"]})
    assert response.status_code == 422
    assert "An open deal cannot have “Reason” yet." in text(response)


def test_groups_that_lines_cannot_show_are_kept(client, astrid):
    found = stage("Discovery", exit_rule=to_json(parse("any(source.filled,amount.over:5)")))
    client.post(f"/settings/pipelines/stage/{found.pk}", {"nested": "1", "required": ["amount"]})
    kept = Stage.objects.get(pk=found.pk)
    assert kept.exit_rule == {"all": [{"any": [["source", "filled", []], ["amount", "over", ["5"]]]}]}
    client.post(f"/settings/pipelines/stage/{found.pk}", {})
    assert Stage.objects.get(pk=found.pk).exit_rule == {}


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
