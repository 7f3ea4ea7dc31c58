"""Calls that were given up are a list, sent again one by one or all; what went through is sent once more by a range of time."""

import argparse
import datetime as dt
import json

import pytest
from django.test import Client
from django.utils import timezone

from kith.automation import deliveries
from kith.automation.models import RunState
from kith.automation.tests.making import WHEN_LOST, WHY, deal, lose, runs, tasks, work, workflow
from kith.automation.tests.othersystem import running
from kith.kernel.accounts import tokens
from kith.kernel.errors import Invalid, NotAllowed
from kith.kernel.jobs.inline import run_waiting_jobs
from tests.cast import actor, user

pytestmark = pytest.mark.django_db
EVERY = ("automation.start", "automation.advance", "automation.call", "automation.call_again", "automation.call_later")


@pytest.fixture
def other(settings):
    with running(settings) as server:
        yield server


def later():
    for _n in range(6):
        run_waiting_jobs(names=list(EVERY), now=timezone.now() + dt.timedelta(hours=2))


def called(other, n, plan=()):
    """So many calls, answered as planned."""
    other.plan = list(plan)
    made = workflow({**WHEN_LOST, "steps": [{"do": "webhook", "url": other.address}, WHY]})
    rows = [deal(f"Site {i}") for i in range(n)]
    for row in rows:
        lose(row)
        work(EVERY)
        later()
    return made, rows


def given_up():
    return list(deliveries.gave_up(actor("astrid")))


def test_what_was_given_up_is_listed_and_its_run_goes_on_when_it_is_sent_again(other):
    made, (row, fine) = called(other, 2, [500] * 5)
    (one,) = given_up()
    (told,) = deliveries.told(actor("astrid"), [one])
    assert told["about"] == (row.name, f"/deals/{row.pk}") and told["error"] == "127.0.0.1 answered 500: not today"
    assert (told["attempts"], told["delivery"]) == (5, f"{one.run_id}-0")
    assert deliveries.again(actor("astrid"), [one.pk]) == 1
    work(EVERY)
    assert {r.state for r in runs(made)} == {RunState.DONE} and len(tasks(row)) == len(tasks(fine)) == 1
    assert given_up() == [], "a later try went through"


@pytest.mark.django_db(transaction=True)  # a failed try keeps what it noted, as in a worker
def test_a_range_of_time_is_sent_again_in_order_and_moves_no_run(other):
    before = timezone.now()
    made, rows = called(other, 3)
    first = [json.loads(body)["row"]["id"] for _h, body in other.kept]
    keys = [headers["Kith-Delivery"] for headers, _body in other.kept]
    other.kept.clear()
    assert deliveries.replay(actor("astrid"), before, timezone.now(), made.pk) == 3
    work(EVERY)
    assert [json.loads(body)["row"]["id"] for _h, body in other.kept] == first
    assert [headers["Kith-Delivery"] for headers, _body in other.kept] == keys
    assert [len(tasks(row)) for row in rows] == [1, 1, 1], "what follows a call is not done again"
    assert deliveries.replay(actor("astrid"), before - dt.timedelta(days=2), before) == 0
    other.plan = [503] * 18  # at once, and the five tries of each
    deliveries.replay(actor("astrid"), before, timezone.now())
    later()
    lost = given_up()
    assert len(lost) == 3 and "503" in lost[0].error and {one.run.state for one in lost} == {RunState.DONE}
    assert {one.attempts for one in lost} == {8}, (
        "as it ran, as it was sent again, and then with the others and five times alone"
    )
    assert deliveries.again(actor("astrid")) == 3
    later()
    assert given_up() == [] and [len(tasks(row)) for row in rows] == [1, 1, 1]


@pytest.mark.django_db(transaction=True)
def test_two_calls_of_one_run_are_both_sent_again(other, monkeypatch):
    before = timezone.now()
    to = {"do": "webhook", "url": other.address}
    made = workflow({**WHEN_LOST, "steps": [to, to]})
    other.plan = [200] + [500] * 5
    lose(deal())
    work(EVERY)
    later()
    other.plan = [503] * 6
    deliveries.replay(actor("astrid"), before, timezone.now())
    later()
    assert [(one.run.state, one.position) for one in given_up()] == [(RunState.FAILED, 1), (RunState.FAILED, 0)]
    other.kept.clear()
    monkeypatch.setattr(deliveries, "MOST", 1)  # in more than one transaction
    assert deliveries.again(actor("astrid")) == 2
    later()
    assert sorted(headers["Kith-Delivery"][-2:] for headers, _body in other.kept) == ["-0", "-1"]
    assert given_up() == [] and runs(made)[0].state == RunState.DONE


def test_too_much_and_the_wrong_way_round_are_refused_in_words(other, monkeypatch):
    called(other, 2)
    now = timezone.now()
    with pytest.raises(Invalid, match="ends before it begins"):
        deliveries.replay(actor("astrid"), now, now - dt.timedelta(days=1))
    monkeypatch.setattr(deliveries, "MOST", 1)
    with pytest.raises(Invalid, match="more than 1 calls"):
        deliveries.replay(actor("astrid"), now - dt.timedelta(days=1), now)
    with pytest.raises(NotAllowed):
        deliveries.gave_up(actor("ines"))


def test_page_api_and_command_send_them_again(other, client, capsys):
    _made, rows = called(other, 3, [500] * 15)
    client.force_login(user("ines"))
    assert client.get("/settings/automation/calls").status_code == 403
    client.force_login(user("astrid"))
    assert "3 calls given up" in client.get("/settings/automation/").content.decode()
    page = client.get("/settings/automation/calls").content.decode()
    assert rows[0].name in page and "Send all again" in page and "not today" in page
    assert client.post("/settings/automation/calls", {"id": given_up()[0].pk}).status_code == 302
    work(EVERY)
    api = Client(headers={"Authorization": "Bearer " + tokens.issue(user("astrid"), "calls")[1]})
    told = api.get("/api/v1/workflows/calls").json()
    assert [one["name"] for one in told["data"]] == [rows[1].name, rows[0].name] and told["next"] is None
    send = {"content_type": "application/json"}
    assert api.post("/api/v1/workflows/calls/again", {"ids": [told["data"][0]["id"]]}, **send).json() == {"sent": 1}
    assert api.post("/api/v1/workflows/calls/again", {}, **send).status_code == 422
    work(EVERY)

    from kith.cli.workflow import arguments, run

    parser = argparse.ArgumentParser()
    arguments(parser)
    run(parser.parse_args(["calls"]))
    assert "1 calls were given up." in capsys.readouterr().out
    run(parser.parse_args(["calls", "--again"]))
    work(EVERY)
    assert given_up() == []
    assert "Every call went through" in client.get("/settings/automation/calls").content.decode()
    capsys.readouterr()
    day = {
        "since": (timezone.now() - dt.timedelta(days=1)).isoformat(),
        "until": (timezone.now() + dt.timedelta(days=1)).isoformat(),
    }
    assert api.post("/api/v1/workflows/calls/replay", day, **send).json() == {"sent": 3}
    run(parser.parse_args(["calls", "--since", day["since"], "--until", day["until"], "--json"]))
    assert json.loads(capsys.readouterr().out) == {"sent": 3}
    form = {"do": "replay", "since": day["since"][:16], "until": day["until"][:16], "workflow": ""}
    assert client.post("/settings/automation/calls", form).status_code == 302
    assert client.post("/settings/automation/calls", {"do": "replay"}).status_code == 422
    nobody = {**form, "workflow": "", "workflow_text": "Nothing like it"}
    assert client.post("/settings/automation/calls", nobody).status_code == 422, "typed, but none is picked"
