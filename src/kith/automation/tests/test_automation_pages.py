"""Pages of automation open with workflows, runs and failures on them, in every state."""

import pytest

from kith.automation import actions as do
from kith.automation import shipped
from kith.automation.tests.making import WHEN_LOST, WHY, deal, drafted, lose, the_run, work, workflow
from tests.cast import actor, policy, user

pytestmark = pytest.mark.django_db


@pytest.fixture
def astrid(client):
    actor("astrid")
    client.force_login(user("astrid"))
    return client


def test_the_overview_says_what_runs_what_failed_and_what_could_be_added(astrid):
    failing = workflow(
        {**WHEN_LOST, "steps": [{"do": "action", "action": "deal.reopen"}, {"do": "action", "action": "deal.reopen"}]},
        "Fails",
    )
    drafted({}, "Empty")
    lose(deal())
    work()
    page = astrid.get("/settings/automation/").content.decode()
    assert "1 failed" in page and "“Open again” makes no sense here any more." in page
    assert "Alarm for stalled deals" in page and "Nothing is said yet." in page
    assert f'href="/runs/{the_run(failing).pk}"' in page


def test_one_that_comes_with_kith_is_added_from_the_overview_and_tried(astrid):
    answer = astrid.post("/settings/automation/shipped/stalled-deal")
    assert answer.status_code == 302
    assert astrid.get(answer["Location"]).status_code == 200
    assert astrid.get(f"{answer['Location']}/replay").status_code == 200
    assert astrid.post("/settings/automation/shipped/nothing").status_code == 404
    assert "stalled-deal" not in {one.key for one in shipped.offered(actor("astrid"))}


def test_an_empty_list_of_workflows_leads_to_those_that_come_with_kith(astrid):
    told = astrid.get("/workflows/").text
    assert "Choose one that comes with Kith" in told and 'href="/settings/automation/"' in told


def test_all_is_paused_and_goes_on_from_the_overview(astrid):
    astrid.post("/settings/automation/pause")
    assert "All automation rests" in astrid.get("/settings/automation/").content.decode()
    astrid.post("/settings/automation/pause", {"do": "resume"})
    assert "All automation rests" not in astrid.get("/settings/automation/").content.decode()


@pytest.mark.parametrize(
    "when",
    [
        {},
        {"event": "deal.lost"},
        {"becomes": "amount.over:1"},
        {"date": "closes_on", "offset": "-1 day"},
        {"schedule": "0 8 * * 1"},
        {"webhook": "true"},
    ],
)
def test_how_it_starts_is_shown_and_saved_for_every_way(astrid, when):
    made = drafted({**WHEN_LOST, "when": when})
    assert astrid.get(f"/workflows/{made.pk}/steps/start").status_code == 200
    assert astrid.get(f"/workflows/{made.pk}").status_code == 200
    how = next(iter(when), "")
    assert astrid.post(f"/workflows/{made.pk}/steps/start", {"record": "deal", "how": how, **when}).status_code == 302
    made.refresh_from_db()
    assert made.draft["when"] == when


def test_the_page_of_a_run_tells_nothing_of_a_row_that_is_out_of_reach(client):
    made = workflow({**WHEN_LOST, "steps": [{**WHY, "inputs": {"subject": "Ask {name} why"}}]})
    lose(deal("Secret site"))
    work()
    user("rolf")
    policy("read_only", "deal", see="none", edit="none", archive="none")
    client.force_login(user("rolf"))
    page = client.get(f"/runs/{the_run(made).pk}").content.decode()
    assert (
        "Secret site" not in page
        and "is not yours to see" in page
        and "Secret site" not in client.get("/runs/").content.decode()
    )
    assert client.get(f"/workflows/{made.pk}").status_code == 200


def test_versions_show_what_each_changed(astrid):
    made = workflow(WHEN_LOST)
    from kith.kernel.records import actions
    from kith.kernel.records.registry import registry

    actions.edit(registry["workflow"], made, {"draft": {**WHEN_LOST, "if": "amount.over:20000"}}, by=actor("astrid"))
    made.refresh_from_db()
    assert "The draft differs from version 1" in astrid.get(f"/workflows/{made.pk}").content.decode()
    do.publish(made, by=actor("astrid"))
    page = astrid.get(f"/workflows/{made.pk}").content.decode()
    assert "Version 2" in page and "<ins>" in page and "<del>" in page
    do.go_back(made, number=1, by=actor("astrid"))
    made.refresh_from_db()
    assert made.draft["if"] == "amount.over:10000" and made.number == 2
