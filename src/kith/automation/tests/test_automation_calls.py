"""Calls to other systems, against a real one: signed, bounded in time, tried again, given up visibly; and never inward."""

import hashlib
import hmac
import json
import socket
import time

import pytest
from django.db import connection
from django.utils import timezone

from kith.automation import calls
from kith.automation.models import RunState, RunStep
from kith.automation.tests.making import WHEN_LOST, WHY, deal, edit, lose, runs, tasks, the_run, work, workflow
from kith.automation.tests.othersystem import running
from kith.kernel.errors import Invalid
from kith.kernel.jobs.inline import run_waiting_jobs
from kith.kernel.records.action import ACTIONS, perform
from tests.cast import actor

pytestmark = pytest.mark.django_db
EVERY = ("automation.start", "automation.advance", "automation.call")


@pytest.fixture
def other(settings):
    with running(settings) as server:
        yield server


def calling(address):
    return workflow({**WHEN_LOST, "steps": [{"do": "webhook", "url": address}, WHY]})


def later():
    """All tries that a call has, with the pauses between them gone by."""
    for _n in range(6):
        run_waiting_jobs(names=list(EVERY), now=timezone.now() + timezone.timedelta(hours=2))


def test_the_other_system_is_told_of_the_row_and_can_check_who_called(other):
    made = calling(other.address)
    row = deal()
    lose(row)
    work(EVERY)
    ((headers, body),) = other.kept
    sent = json.loads(body)
    assert (sent["record"], sent["row"]["id"], sent["row"]["name"], sent["workflow"]["id"]) == (
        "deal",
        row.pk,
        row.name,
        made.pk,
    )
    stamp, _comma, said = headers["Kith-Signature"].partition(",")
    right = hmac.new(calls.secret_of(made).encode(), stamp[2:].encode() + b"." + body, hashlib.sha256).hexdigest()
    assert said == f"v1={right}" and abs(int(stamp[2:]) - time.time()) < 60
    assert the_run(made).state == RunState.DONE and len(tasks(row)) == 1


@pytest.mark.django_db(transaction=True)  # a failed try keeps what it noted, as in a worker
def test_an_error_is_tried_again_with_the_same_delivery_and_the_run_goes_on(other):
    other.plan = [500, 503]
    made = calling(other.address)
    lose(deal())
    work(EVERY)
    run = the_run(made)
    assert run.state == RunState.WAITING
    assert run.steps.get().result == "Try 1 of 5: 127.0.0.1 answered 500: not today"
    later()
    assert the_run(made).state == RunState.DONE
    assert len({headers["Kith-Delivery"] for headers, _body in other.kept}) == 1 and len(other.kept) == 3
    assert the_run(made).steps.get(number="1").attempts == 3


@pytest.mark.django_db(transaction=True)  # a failed try keeps what it noted, as in a worker
def test_calls_about_one_row_go_out_in_the_order_in_which_they_came_up(other):
    other.plan = [503]
    made = workflow(
        {"record": "deal", "when": {"event": "deal.changed"}, "steps": [{"do": "webhook", "url": other.address}]}
    )
    row, beside = deal(), deal("Beside it")
    for one, amount in ((row, 1), (row, 2), (row, 3), (beside, 9)):
        edit(one, {"amount": amount})
        work(EVERY)
    assert [_about(body) for _headers, body in other.kept] == [(row.pk, 1), (beside.pk, 9)]
    waiting = [r.steps.get().attempts for r in runs(made)[1:3]]
    later()
    assert [_run(body) for _headers, body in other.kept if _about(body)[0] == row.pk] == [
        r.pk for r in (runs(made)[0], *runs(made)[:3])
    ]
    assert {r.state for r in runs(made)} == {RunState.DONE}
    assert (waiting, [r.steps.get().attempts for r in runs(made)]) == ([1, 1], [2, 1, 1, 1]), "waiting is no try"


@pytest.mark.django_db(transaction=True)
def test_a_call_that_was_given_up_or_is_lost_holds_up_none_after_it(other):
    other.plan = [500] * 5
    made = workflow(
        {"record": "deal", "when": {"event": "deal.changed"}, "steps": [{"do": "webhook", "url": other.address}]}
    )
    row = deal()
    edit(row, {"amount": 1})
    work(EVERY)
    edit(row, {"amount": 2})
    later()
    later()
    assert [r.state for r in runs(made)] == [RunState.FAILED, RunState.DONE]
    edit(row, {"amount": 3})
    work(("automation.start", "automation.advance"))
    lost = RunStep.objects.latest("pk")
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs WHERE task_name = 'automation.call' AND status = 'todo'")
    RunStep.objects.filter(pk=lost.pk).update(started_at=timezone.now() - timezone.timedelta(hours=2))
    edit(row, {"amount": 4})
    work(EVERY)
    assert [r.state for r in runs(made)[2:]] == [RunState.WAITING, RunState.DONE]


def _about(body):
    sent = json.loads(body)
    return sent["row"]["id"], float(sent["row"]["amount"])


def _run(body):
    return json.loads(body)["run"]


def test_after_the_last_try_the_run_stands_as_failed_and_is_tried_again_by_hand(other):
    other.plan = [500] * 5
    made = calling(other.address)
    row = deal()
    lose(row)
    work(EVERY)
    later()
    run = the_run(made)
    assert run.state == RunState.FAILED and len(other.kept) == 5
    assert run.steps.get().error == "127.0.0.1 answered 500: not today" and tasks(row) == []
    perform(ACTIONS["run.retry"], run, {}, by=actor("astrid"))
    work(EVERY)
    assert the_run(made).state == RunState.DONE and len(tasks(row)) == 1


@pytest.mark.parametrize("how", ["hang", "drip"])
def test_a_system_that_hangs_is_left_after_the_time_allowed(other, how, monkeypatch):
    monkeypatch.setattr(calls, "SECONDS", 1.0)
    other.plan = [how]
    began = time.monotonic()
    with pytest.raises(calls.CallFailed, match="did not answer within 1 seconds"):
        calls.post(other.address, b"{}", secret="s", delivery="1")
    assert time.monotonic() - began < 3


@pytest.mark.django_db(transaction=True)  # a failed try keeps what it noted, as in a worker
def test_a_system_that_hangs_holds_up_its_run_alone_and_is_called_again(other, monkeypatch):
    monkeypatch.setattr(calls, "SECONDS", 1.0)
    other.plan = ["hang"]
    made, quick = calling(other.address), workflow({**WHEN_LOST, "steps": [WHY]}, "Beside it")
    lose(deal())
    work(EVERY)
    run = the_run(made)
    assert run.state == RunState.WAITING and "did not answer within 1 seconds" in run.steps.get().result
    assert the_run(quick).state == RunState.DONE
    later()
    assert the_run(made).state == RunState.DONE and len(other.kept) == 2


def test_a_redirect_is_not_followed(other):
    other.plan = [302]
    with pytest.raises(calls.CallFailed, match="do not follow"):
        calls.post(other.address, b"{}", secret="s", delivery="1")


def test_of_a_long_answer_only_the_beginning_is_read(other):
    assert len(calls.post(other.address, b"{}", secret="s", delivery="1").text) == calls.MOST_ANSWER


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "[::1]", "10.0.0.8", "192.168.1.1", "169.254.169.254", "[::ffff:127.0.0.1]", "0.0.0.0",
     "2130706433", "[fe80::1]", "[fd00::1]", "100.64.0.1", "224.0.0.1"],
)  # fmt: skip
def test_calls_never_go_inward(host):
    with pytest.raises((Invalid, calls.CallFailed)):
        calls.post(f"http://{host}/x", b"{}", secret="s", delivery="1")


def test_a_name_that_means_a_machine_inside_fails_the_run_at_once_with_a_sentence():
    made = calling("http://localhost:9/hook")
    lose(deal())
    work(EVERY)
    run = the_run(made)
    assert run.state == RunState.FAILED and "inside a private network" in run.steps.get().error


def test_a_name_is_resolved_once_so_that_it_cannot_change_its_meaning(other, monkeypatch):
    asked = []
    real = socket.getaddrinfo

    def counted(host, *args, **more):
        asked.append(host)
        return real(host, *args, **more)

    monkeypatch.setattr(socket, "getaddrinfo", counted)
    calls.post(other.address.replace("127.0.0.1", "localhost"), b"{}", secret="s", delivery="1")
    assert asked.count("localhost") == 1


def test_a_new_secret_ends_the_old_one():
    from kith.automation.actions import renew_secret

    made = calling("https://example.com/hook")
    before = (calls.secret_of(made), calls.address_token(made))
    after = renew_secret(made, by=actor("astrid"))
    assert not {calls.secret_of(after), calls.address_token(after)} & set(before)
