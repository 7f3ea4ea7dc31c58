"""Replay says whom a workflow would have touched and what it would have changed, and writes nothing."""

import argparse
import datetime as dt
import json

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from kith.automation import actions as do
from kith.automation.models import Run
from kith.automation.replay import replay
from kith.automation.starting import set_off
from kith.automation.tests.making import WHEN_LOST, WHY, deal, drafted, edit, lose, runs, tasks, work, workflow
from kith.cli.workflow import arguments, run
from kith.kernel.accounts import tokens
from kith.kernel.errors import Invalid, InvalidMany, NotAllowed, NotFound
from kith.kernel.records import actions
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.records.registry import registry
from kith.ui.pages.tests.helpers import text_of
from tests.cast import actor, user
from tests.conformance.test_undo import differences, tables

pytestmark = pytest.mark.django_db
MARK = {"do": "set", "values": {"competitor": "Polar"}}


@pytest.fixture
def lost():
    """Two lost deals above the amount, one of them lost twice, and one below."""
    large, other, small = deal("Large"), deal("Other"), deal("Small", amount=5)
    for row in (large, other, small):
        lose(row)
    perform(ACTIONS["deal.reopen"], large, {}, by=actor("ines"))
    lose(large)
    return large, other, small


def test_it_counts_rows_and_times_and_says_what_would_change(lost):
    large, other, _small = lost
    told = replay(drafted({**WHEN_LOST, "steps": [MARK, WHY]}), by=actor("astrid"))
    assert (told.count, told.times, told.tried, told.problems) == (2, 3, 2, 0)
    assert {row.pk: row.times for row in told.rows} == {large.pk: 2, other.pk: 1}
    assert "Competitor: nothing becomes Polar" in told.rows[0].would
    assert told.changes == {"Competitor": 2, "new: activity": 2}
    assert "The condition is asked of rows as they are now, not as they were then." in told.notes


def test_it_writes_nothing_at_all(lost):
    steps = [MARK, WHY, {"do": "notify", "to": "=owner", "text": "x", "mail": True}, {"do": "wait", "for": "3 days"},
             {"do": "webhook", "url": "https://example.com"}, {"do": "approve", "by": "Helena Brandt", "question": "?"},
             {"do": "write", "kind": "mail", "inputs": {"subject": "Hello", "body": "…", "to": "marta@bellevue.example"}},
             {"do": "action", "action": "deal.reopen"}]  # fmt: skip
    user("helena")
    made = drafted({**WHEN_LOST, "steps": steps})
    before = tables()
    told = replay(made, by=actor("astrid"))
    assert differences(before, tables()) == []
    assert told.problems == 0 and Run.objects.count() == 0
    assert len([words for words in told.rows[0].would if words[0].isdigit()]) == len(steps)


def test_a_step_that_would_be_refused_is_named(lost):
    told = replay(
        drafted({**WHEN_LOST, "steps": [{"do": "action", "action": "deal.win", "inputs": {"reason": "Speed"}}]}),
        by=actor("astrid"),
    )
    assert told.problems == 2 and "makes no sense here any more" in told.rows[0].problem


def test_what_happened_longer_ago_than_it_looks_back_does_not_count(lost):
    with time_machine.travel(timezone.now() - dt.timedelta(days=100)):
        lose(deal("Long ago"))
    made = drafted(WHEN_LOST)
    assert replay(made, by=actor("astrid")).count == 2
    assert replay(made, by=actor("astrid"), days=120).count == 3


def test_history_that_was_brought_in_later_can_be_tried_on_and_is_said_to_start_nothing(lost):
    before = replay(drafted(WHEN_LOST), by=actor("astrid"))
    row = deal("From the old system", opened_on=timezone.localdate() - dt.timedelta(days=60))
    closed = {"reason": "Price", "closed_on": str(timezone.localdate() - dt.timedelta(days=30))}
    perform(ACTIONS["deal.lose"], row, closed, by=actor("ines"))
    told = replay(drafted(WHEN_LOST, "With history"), by=actor("astrid"))
    assert (told.count, told.times) == (3, 4) and row.pk in {one.pk for one in told.rows}
    words = "1 event was brought in more than a day after it happened; such start nothing once it is on."
    assert words not in before.notes and words in told.notes


def test_dates_and_filters_and_calls_say_how_they_were_found(lost):
    deal("Soon", closes_on=timezone.localdate() - dt.timedelta(days=20))
    by_date = replay(
        drafted({"record": "deal", "when": {"date": "closes_on"}, "steps": [MARK]}, "Date"), by=actor("astrid")
    )
    assert [row.name for row in by_date.rows] == [
        "Soon"
    ] and "Dates are those that stand in the rows now." in by_date.notes
    filtered = replay(
        drafted({"record": "deal", "when": {"becomes": "amount.over:10000"}, "steps": [MARK]}, "Filter"),
        by=actor("astrid"),
    )
    assert filtered.count == 3 and "Counted are the rows that meet the filter now" in filtered.notes[0]
    called = replay(drafted({"record": "deal", "when": {"webhook": "1"}, "steps": [MARK]}, "Call"), by=actor("astrid"))
    assert called.count == 0 and "Calls of other systems are not kept" in called.notes[0]
    weekly = replay(
        drafted({"record": "deal", "when": {"schedule": "0 8 * * 1"}, "steps": [MARK]}, "Week"), by=actor("astrid")
    )
    assert weekly.times in (4 * 12, 4 * 13) and weekly.count == 4


def test_workflows_that_change_the_same_are_named():
    workflow({**WHEN_LOST, "steps": [MARK]}, "Marks them too")
    workflow({**WHEN_LOST, "steps": [WHY]}, "Writes a task")
    told = replay(drafted({**WHEN_LOST, "steps": [MARK]}, "Mine"), by=actor("astrid"))
    assert told.conflicts == ["“Marks them too” is on and changes the same: Competitor."]


def test_only_who_manages_settings_may_and_only_what_could_be_published():
    with pytest.raises(NotAllowed):
        replay(drafted(WHEN_LOST), by=actor("ines"))
    with pytest.raises(InvalidMany):
        replay(drafted({**WHEN_LOST, "steps": []}, "Empty"), by=actor("astrid"))


def test_page_api_and_command_say_the_same(lost, client, capsys):
    made = drafted({**WHEN_LOST, "steps": [MARK]})
    client.force_login(user("astrid"))
    page = client.get(f"/workflows/{made.pk}/replay").content.decode()
    assert "Large" in page and "Nothing was written" in page
    api = Client(headers={"Authorization": "Bearer " + tokens.issue(user("astrid"), "replays")[1]})
    answer = api.post(f"/api/v1/workflows/{made.pk}/replay", "{}", content_type="application/json").json()
    assert (answer["count"], answer["times"]) == (2, 3)
    assert api.get(f"/api/v1/workflows/{made.pk}/sentences").json()["faults"] == []
    parser = argparse.ArgumentParser()
    arguments(parser)
    run(parser.parse_args(["replay", made.name, "--json"]))
    printed = json.loads(capsys.readouterr().out)
    assert (printed["count"], printed["changes"]) == (answer["count"], answer["changes"])
    run(parser.parse_args(["list"]))
    run(parser.parse_args(["show", str(made.pk)]))
    assert "When somebody lost this deal" in capsys.readouterr().out


def test_steps_of_a_run_are_read_over_the_api():
    made = workflow(WHEN_LOST)
    lose(deal())
    work()
    api = Client(headers={"Authorization": "Bearer " + tokens.issue(user("astrid"), "reads")[1]})
    (run,) = runs(made)
    (step,) = api.get(f"/api/v1/runs/{run.pk}/steps").json()["data"]
    assert (step["number"], step["state"]) == ("1", "done") and step["operation"]
    assert api.get("/api/v1/runs").json()["data"][0]["state"] == "done"
    assert api.post("/api/v1/workflows/pause", '{"paused": true}', content_type="application/json").json() == {
        "paused": True
    }
    assert api.get("/api/v1/workflows/pause").json() == {"paused": True}


def test_it_is_tried_on_one_row_that_somebody_names(lost):
    large, _other, small = lost
    made = drafted({**WHEN_LOST, "steps": [MARK]})
    before = tables()
    told = replay(made, by=actor("astrid"), about=large.pk)
    assert (told.count, told.times, told.tried) == (1, 1, 1)
    assert "Competitor: nothing becomes Polar" in told.rows[0].would
    told = replay(made, by=actor("astrid"), about=small.pk)
    assert (told.count, told.times, told.tried) == (0, 0, 1) and told.rows[0].name == "Small"
    assert "It would start nothing about it: the row is archived or does not meet the condition." in told.notes
    assert differences(before, tables()) == []
    with pytest.raises(NotFound):
        replay(made, by=actor("astrid"), about=99_999_999)
    with pytest.raises(Invalid, match="about no row"):
        replay(
            drafted({"when": {"schedule": "0 8 * * 1"}, "steps": [{"do": "stop"}]}, "Week"), by=actor("astrid"), about=1
        )


def test_page_api_and_command_try_it_on_one_row(lost, client, capsys):
    large = lost[0]
    made = drafted({**WHEN_LOST, "steps": [MARK]})
    client.force_login(user("astrid"))
    page = text_of(client.get(f"/workflows/{made.pk}/replay?about={large.pk}"))
    assert "Competitor: nothing becomes Polar" in page and "Other" not in page
    assert "Would start about this row Yes" in page
    small = text_of(client.get(f"/workflows/{made.pk}/replay?about={lost[2].pk}"))
    assert "Would start about this row No" in small
    wrong = client.get(f"/workflows/{made.pk}/replay?about=99999999")
    assert wrong.status_code == 422 and "Other" in text_of(wrong)
    api = Client(headers={"Authorization": "Bearer " + tokens.issue(user("astrid"), "replays")[1]})
    said = api.post(f"/api/v1/workflows/{made.pk}/replay", {"about": large.pk}, content_type="application/json").json()
    assert [row["name"] for row in said["rows"]] == ["Large"] and said["count"] == 1
    parser = argparse.ArgumentParser()
    arguments(parser)
    run(parser.parse_args(["replay", made.name, "--about", str(large.pk)]))
    printed = capsys.readouterr().out
    assert "Large (1×)" in printed and "would have been touched" not in printed


def test_a_run_that_ended_is_done_once_more_as_a_run_of_its_own(client):
    made = workflow({"record": "deal", "when": {"webhook": "true"}, "steps": [WHY]})
    row = deal()
    first = Run.objects.create(
        workflow=made, version_number=1, record="deal", record_id=row.pk, payload={"note": "from the shop"}
    )
    with pytest.raises(Invalid, match="not ended yet"):
        perform(ACTIONS["run.repeat"], first, {}, by=actor("astrid"))
    set_off()
    work()
    do.publish(edit(made, {"draft": {**made.draft, "steps": [WHY, MARK]}}, by=actor("astrid")), by=actor("astrid"))
    first.refresh_from_db()
    perform(ACTIONS["run.repeat"], first, {}, by=actor("astrid"))
    work()
    earlier, again = runs(made)
    row.refresh_from_db()
    assert (earlier.version_number, again.version_number, again.state) == (1, 2, "done")
    assert again.payload == {"note": "from the shop"} and len(tasks(row)) == 2 and row.competitor == "Polar"
    client.force_login(user("astrid"))
    page = text_of(client.get(f"/runs/{again.pk}"))
    assert f"started this once more, after run {earlier.pk}" in page and "What it would do now" in page
    actions.archive(registry["workflow"], made, by=actor("astrid"))
    with pytest.raises(Invalid, match="was archived"):
        perform(ACTIONS["run.repeat"], Run.objects.get(pk=again.pk), {}, by=actor("astrid"))
    with pytest.raises(NotAllowed):
        perform(ACTIONS["run.repeat"], again, {}, by=actor("ines"))
