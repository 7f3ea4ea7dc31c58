"""What starts a workflow beside a plain event: filters that begin to be met, dates, schedules, calls; and what must not."""

import datetime as dt
import json

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from kith.activities.notices import notices_of
from kith.automation import actions as do
from kith.automation import calls, sweeps
from kith.automation.models import RunState, Version
from kith.automation.queries import live
from kith.automation.tests.making import WHEN_LOST, WHY, deal, edit, lose, runs, tasks, the_run, work, workflow
from kith.kernel.customfields import actions as fields
from kith.kernel.organisation.models import bump, current
from kith.kernel.records.registry import registry
from tests.cast import actor

pytestmark = pytest.mark.django_db


def five_past(now):
    """The next minute at which filters are looked at."""
    return now.replace(minute=0, second=0, microsecond=0) + dt.timedelta(hours=1)


def test_a_filter_that_begins_to_be_met_starts_once_until_it_ends_and_begins_again():
    large = deal(amount=90_000)
    made = workflow({"record": "deal", "when": {"becomes": "amount.over:50000"}, "steps": [WHY]})
    row = deal(amount=1_000)
    work()
    assert runs(made) == []  # the one that met it before is no news
    for amount in (60_000, 70_000, 20_000, 80_000):
        edit(row, {"amount": amount})
        work()
    assert [r.record_id for r in runs(made)] == [row.pk, row.pk] and tasks(large) == []


def test_a_filter_that_time_makes_true_starts_at_the_next_look():
    row = deal(closes_on=timezone.localdate())
    made = workflow({"record": "deal", "when": {"becomes": "status.is:open,closes_on.in:past"}, "steps": [WHY]})
    sweeps.minute(five_past(timezone.now()))
    assert runs(made) == []
    type(row).objects.filter(pk=row.pk).update(closes_on=timezone.localdate() - dt.timedelta(days=1))  # a day went by
    sweeps.minute(five_past(timezone.now()))
    sweeps.minute(five_past(timezone.now()) + dt.timedelta(hours=1))
    work()
    assert the_run(made).record_id == row.pk


def test_three_days_before_a_date_starts_once_for_each_date_and_row():
    made = workflow(
        {"record": "deal", "when": {"date": "closes_on", "offset": "-3 days", "at": "08:00"}, "steps": [WHY]}
    )
    row = deal(closes_on=timezone.localdate() + dt.timedelta(days=10))
    far = deal("Far", closes_on=timezone.localdate() + dt.timedelta(days=100))
    start = timezone.now()
    for days in range(12):
        sweeps.minute(start + dt.timedelta(days=days))
        work()
    assert the_run(made).record_id == row.pk
    edit(row, {"closes_on": timezone.localdate() + dt.timedelta(days=20)})  # moved: it comes near once more
    for days in range(12, 24):
        sweeps.minute(start + dt.timedelta(days=days))
    assert [r.record_id for r in runs(made)] == [row.pk, row.pk]
    assert far.pk not in {r.record_id for r in runs(made)}


@pytest.mark.parametrize(
    ("kind", "soon", "far"),
    [("day", "2026-03-12", "2026-06-01"), ("moment", "2026-03-12T10:00+02:00", "2026-06-01T08:00+00:00")],
)
def test_a_date_in_a_field_of_one_s_own_starts_it_until_the_field_is_gone(kind, soon, far):
    start = dt.datetime(2026, 3, 4, 12, 0, tzinfo=dt.UTC)
    with time_machine.travel(start, tick=False) as clock:
        field = fields.define(record="deal", label="Pilot ends", kind=kind, by=actor("astrid"))
        column, when = f"custom.{field.key}", {"date": f"custom.{field.key}", "offset": "-3 days", "at": "08:00"}
        made = workflow({"record": "deal", "when": when, "steps": [WHY]})
        row, later = deal(), deal("Later")
        for one, value in ((row, soon), (later, far), (deal("None"), None)):
            edit(one, {column: registry["deal"].columns()[column].kind.clean(value) if value else None})
        assert [
            pk
            for pk, _text in sweeps.due_rows(live()[0].trigger, actor("astrid"), start, start + dt.timedelta(days=30))
        ] == [row.pk]
        for _day in range(9):
            clock.shift(dt.timedelta(days=1))
            sweeps.minute()
        assert the_run(made).record_id == row.pk
        fields.archive_field(field, by=actor("astrid"))
        sweeps.minute()
    made.refresh_from_db()
    assert (made.active, made.problem) == (False, f"The date that starts it, “{column}”, is not there any more.")


def test_a_server_that_stood_still_over_a_weekend_catches_up():
    made = workflow({"record": "deal", "when": {"date": "closes_on", "at": "00:00"}, "steps": [WHY]})
    row = deal(closes_on=timezone.localdate() + dt.timedelta(days=2))
    sweeps.minute(timezone.now() + dt.timedelta(days=5))
    assert the_run(made).record_id == row.pk


def test_a_schedule_starts_each_time_it_comes_round_for_every_row_that_meets_the_condition():
    organisation = current()
    organisation.time_zone = "Europe/Stockholm"
    organisation.save()
    bump()
    start = dt.datetime(2026, 10, 15, 12, 30, tzinfo=dt.UTC)  # a Thursday; clocks are put back on Sunday the 25th
    with time_machine.travel(start, tick=False) as clock:
        made = workflow(
            {"record": "deal", "when": {"schedule": "0 8 * * 1"}, "if": "amount.over:10000", "steps": [WHY]}
        )
        row, _small = deal(), deal("Small", amount=5)
        for _hour in range(24 * 14):
            clock.shift(dt.timedelta(hours=1))
            sweeps.minute(timezone.now())
    assert [r.record_id for r in runs(made)] == [row.pk, row.pk]
    assert {r.key.split(":")[1] for r in runs(made)} == {"202610190800", "202610260800"}  # on the organisation's clock


def test_a_call_of_another_system_starts_it_about_the_row_that_it_names():
    made = workflow({"record": "deal", "when": {"webhook": "true"}, "if": "amount.over:10000", "steps": [WHY]})
    row, small, client = deal(), deal("Small", amount=5), Client()
    address = f"/hooks/{calls.address_token(made)}"

    def call(body, **headers):
        return client.post(address, json.dumps(body), content_type="application/json", headers=headers)

    assert call({"id": row.pk, "note": "from the shop"}, **{"Idempotency-Key": "7"}).json() == {"started": True}
    assert call({"id": row.pk}, **{"Idempotency-Key": "7"}).json() == {"started": False}
    assert call({"id": small.pk}).json() == {"started": False}
    work()
    assert the_run(made).payload == {"id": row.pk, "note": "from the shop"} and len(tasks(row)) == 1
    for body in ({}, {"id": "x"}, {"id": True}, [], {"id": 2**70}):
        assert call(body).status_code == 422
    assert client.post(address, "{", content_type="application/json").status_code == 422
    assert client.post(f"/hooks/{made.pk}-guess", "{}", content_type="application/json").status_code == 404
    assert client.get(address).status_code == 405
    do.renew_secret(made, by=actor("astrid"))
    assert call({"id": row.pk}).status_code == 404
    made.refresh_from_db()
    do.switch_off(made, by=actor("astrid"))
    address = f"/hooks/{calls.address_token(made)}"
    assert call({"id": row.pk}).status_code == 409


def test_a_call_says_what_no_database_holds_and_is_taken_without_it_or_refused_with_a_sentence():
    made = workflow({"when": {"webhook": "true"}, "steps": [{"do": "notify", "to": "Astrid Moe", "text": "Called"}]})
    address = f"/hooks/{calls.address_token(made)}"

    def call(body):
        return Client().post(address, body, content_type="application/json")

    said = {"nul": "a\x00b", "half": "a\ud800b", "plain": "a\\u0000b", "in\x00side": ["\x00", {"n": 1.5}]}
    assert call(json.dumps(said)).json() == {"started": True}
    kept = {"nul": "ab", "half": "a\ufffdb", "plain": "a\\u0000b", "inside": ["", {"n": 1.5}]}
    assert the_run(made).payload == kept
    for body in ('{"n": NaN}', '{"n": -Infinity}', '{"n": 1e999}', '{"n": ' + "[" * 5000 + "]" * 5000 + "}"):
        answer = call(body)
        assert (answer.status_code, answer.json()["title"]) == (422, "The body is not JSON."), body[:20]
    assert len(runs(made)) == 1


def test_a_workflow_does_not_start_itself_by_what_it_does():
    made = workflow(
        {
            "record": "deal",
            "when": {"event": "deal.changed"},
            "steps": [{"do": "set", "values": {"competitor": "Polar"}}],
        }
    )
    row = deal()
    edit(row, {"amount": 77})
    for _n in range(5):
        work()
    first, second = runs(made)
    assert (first.state, second.state) == (RunState.DONE, RunState.STOPPED)
    assert second.why == "Stopped: it would start itself, by what it did to this row."


def test_two_workflows_do_not_play_ping_pong():
    ping = workflow(
        {
            "record": "deal",
            "when": {"event": "deal.changed"},
            "if": "competitor.is_not:ping",
            "steps": [{"do": "set", "values": {"competitor": "ping"}}],
        },
        "Ping",
    )
    pong = workflow(
        {
            "record": "deal",
            "when": {"event": "deal.changed"},
            "if": "competitor.is:ping",
            "steps": [{"do": "set", "values": {"competitor": "pong"}}],
        },
        "Pong",
    )
    row = deal()
    edit(row, {"amount": 77})
    for _n in range(6):
        work()
    assert [r.state for r in runs(ping)] == ["done", "stopped"]
    assert [r.state for r in runs(pong)] == ["done"]


def test_the_same_workflow_may_start_again_by_what_a_person_does():
    made = workflow(WHEN_LOST)
    row = deal()
    lose(row)
    work()
    from kith.kernel.records.action import ACTIONS, perform

    perform(ACTIONS["deal.reopen"], row, {}, by=actor("ines"))
    lose(row)
    work()
    assert [r.state for r in runs(made)] == ["done", "done"]


def test_a_workflow_without_a_row_runs_on_its_schedule():
    made = workflow(
        {"when": {"schedule": "0 8 * * *"}, "steps": [{"do": "notify", "to": "Astrid Moe", "text": "Good morning"}]},
        by=actor("astrid"),
    )
    sweeps.minute(timezone.now() + dt.timedelta(days=1))
    work()
    assert the_run(made).state == RunState.DONE
    assert [line["notice"].text for line in notices_of(actor("astrid"))] == ["Good morning"]


def test_one_that_cannot_be_looked_at_holds_up_no_other_and_its_author_is_told_once_a_day():
    broken, fine = (
        workflow({"record": "deal", "when": {"schedule": "0 8 * * *"}, "steps": [WHY]}, name) for name in ("Broken", "Fine")
    )  # fmt: skip
    document = {"record": "deal", "when": {"schedule": "when it suits"}, "steps": [WHY]}
    Version.objects.filter(workflow=broken).update(document=document)
    bump()
    row = deal()
    day = timezone.now() + dt.timedelta(days=1)
    for minutes in (0, 1):
        sweeps.minute(day + dt.timedelta(minutes=minutes))
    assert (runs(broken), the_run(fine).record_id) == ([], row.pk)
    told = [line["notice"].text for line in notices_of(actor("astrid"))]
    assert len(told) == 1 and told[0].startswith("Kith could not see whether “Broken” should start, and looks again")


def test_a_wait_that_cannot_end_fails_its_run_and_holds_up_no_other():
    wait = {**WHEN_LOST, "steps": [{"do": "wait", "for": "1 hour"}, WHY]}
    broken, fine = workflow(wait, "Broken"), workflow(wait, "Fine")
    row = deal()
    lose(row)
    work()
    Version.objects.filter(workflow=broken).update(document={**wait, "steps": ["nothing at all"]})
    bump()
    sweeps.minute(timezone.now() + dt.timedelta(hours=2))
    assert the_run(broken).state == RunState.FAILED and "Something unexpected went wrong" in the_run(broken).why
    work()
    assert the_run(fine).state == RunState.DONE


def test_enrolling_starts_the_other_workflow_and_leaving_ends_it():
    other = workflow(
        {"record": "deal", "when": {"event": "deal.won"}, "steps": [{"do": "wait", "for": "9 days"}, WHY]}, "Nurture"
    )
    workflow({**WHEN_LOST, "steps": [{"do": "enrol", "workflow": "Nurture"}]}, "In")
    workflow(
        {"record": "deal", "when": {"event": "deal.reopened"}, "steps": [{"do": "leave", "workflow": "Nurture"}]}, "Out"
    )
    row = deal()
    lose(row)
    work()
    assert the_run(other).state == RunState.WAITING
    from kith.kernel.records.action import ACTIONS, perform

    perform(ACTIONS["deal.reopen"], row, {}, by=actor("ines"))
    work()
    assert (the_run(other).state, the_run(other).why) == (RunState.CANCELLED, "Taken out by “Out”.")


def test_merging_the_row_away_leads_the_run_to_the_row_that_stays():
    from kith.kernel.records.merge import merge
    from kith.kernel.records.registry import registry

    made = workflow({**WHEN_LOST, "steps": [{"do": "wait", "for": "1 day"}, WHY]})
    row, twin = deal(), deal("Twin")
    lose(twin)
    work()
    merge(registry["deal"], row, [twin], by=actor("astrid"))
    sweeps.minute(timezone.now() + dt.timedelta(days=2))
    work()
    assert the_run(made).state == RunState.DONE and len(tasks(row)) == 1


def test_waiting_until_business_hours_goes_on_when_the_calendar_opens():
    with time_machine.travel(dt.datetime(2027, 3, 13, 12, 0, tzinfo=dt.UTC), tick=False):  # a Saturday
        made = workflow({**WHEN_LOST, "steps": [{"do": "wait", "until": "business hours"}, WHY]})
        row = deal()
        lose(row)
        work()
        run = the_run(made)
        assert (run.state, run.waits_until.weekday()) == (RunState.WAITING, 0)
    with time_machine.travel(run.waits_until + dt.timedelta(minutes=1), tick=False):
        sweeps.minute()
        work()
    assert the_run(made).state == RunState.DONE and len(tasks(row)) == 1
