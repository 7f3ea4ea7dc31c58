"""Events start runs, runs act as their author through the usual verbs, wait, branch, fail visibly and go on."""

import datetime as dt

import pytest
import time_machine
from django.utils import timezone

from kith.automation import actions as do
from kith.automation import sweeps
from kith.automation.models import Run, RunState, StepState
from kith.automation.tests.making import WHEN_LOST, WHY, deal, edit, lose, runs, tasks, the_run, work, workflow
from kith.kernel.errors import NotAllowed
from kith.kernel.jobs.inline import run_waiting_jobs
from kith.kernel.records import actions
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.records.registry import registry
from kith.kernel.timeline.models import Delivery, Event
from tests.cast import actor, policy, user

pytestmark = pytest.mark.django_db


def document(*steps, **more):
    return {**WHEN_LOST, "steps": list(steps), **more}


def test_a_lost_deal_over_the_amount_gives_its_owner_a_task_because_of_the_loss():
    made = workflow(WHEN_LOST)
    row = deal(by=actor("ines"))
    lose(row)
    work()
    run = the_run(made)
    assert (run.state, run.record, run.record_id) == (RunState.DONE, "deal", row.pk)
    (task,) = tasks(row)
    assert (task.subject, task.owner) == ("Ask why", user("ines"))
    assert abs(task.due_at - timezone.now() - dt.timedelta(days=3)) < dt.timedelta(minutes=1)
    planned = Event.objects.get(record="activity", record_id=task.pk)
    lost = Event.objects.get(verb="deal.lost", record_id=row.pk)
    assert (planned.channel, planned.cause, planned.actor_id) == ("automation", lost.pk, user("astrid").pk)
    assert run.cause == lost.pk


def test_a_deal_below_the_amount_starts_nothing_and_neither_does_one_lost_before_switching_on():
    small, before = deal(amount=900), deal("Second site")
    lose(before)
    made = workflow(WHEN_LOST)
    lose(small)
    work()
    assert runs(made) == [] and tasks(small) == [] and tasks(before) == []


def test_history_that_is_brought_in_later_starts_nothing():
    made = workflow(WHEN_LOST)
    row = deal(opened_on=timezone.localdate() - dt.timedelta(days=60))
    perform(
        ACTIONS["deal.lose"],
        row,
        {"reason": "Price", "closed_on": str(timezone.localdate() - dt.timedelta(days=30))},
        by=actor("ines"),
    )
    work()
    assert Event.objects.filter(verb="deal.lost", record_id=row.pk).exists() and runs(made) == []


def test_being_told_twice_of_one_event_starts_one_run():
    made = workflow(WHEN_LOST)
    lose(deal())
    work()
    Delivery.objects.update(done_at=None)
    from kith.automation.jobs import start

    start()
    work()
    assert len(runs(made)) == 1


def test_only_verbs_that_somebody_listens_to_are_delivered():
    workflow(WHEN_LOST)
    row = deal()
    edit(row, {"amount": 15_000})
    assert not Delivery.objects.exists()
    lose(row)
    assert Delivery.objects.count() == 1


def test_a_run_waits_and_goes_on_when_its_time_has_come():
    made = workflow(document({"do": "wait", "for": "3 days"}, WHY))
    row = deal()
    lose(row)
    work()
    run = the_run(made)
    assert run.state == RunState.WAITING and tasks(row) == []
    sweeps.minute(timezone.now() + dt.timedelta(days=2))
    work()
    assert tasks(row) == []
    sweeps.minute(timezone.now() + dt.timedelta(days=3, minutes=1))
    work()
    assert the_run(made).state == RunState.DONE and len(tasks(row)) == 1


def test_a_run_waits_for_an_event_of_its_row_and_stops_where_it_was_told_to():
    wait = {"do": "wait", "until": "activity.called", "at_most": "7 days", "otherwise": "stop"}
    made = workflow(document(wait, WHY))
    called, silent = deal(), deal("Second site")
    lose(called)
    lose(silent)
    work()
    perform(ACTIONS["activity.log_call"], called, {"body": "They told us why"}, by=actor("ines"))
    work()
    sweeps.minute(timezone.now() + dt.timedelta(days=8))
    work()
    one, other = runs(made)
    assert one.state == RunState.DONE and len(tasks(called)) == 1
    assert other.state == RunState.STOPPED and "did not happen in time" in other.why and tasks(silent) == []


def test_a_branch_goes_the_way_its_condition_says():
    split = {
        "do": "branch", "if": "amount.over:20000",
        "then": [{"do": "set", "values": {"competitor": "large"}}],
        "else": [{"do": "set", "values": {"competitor": "small"}}],
    }  # fmt: skip
    made = workflow(document(split, WHY))
    large, small = deal(amount=50_000), deal("Second site")
    lose(large)
    lose(small)
    work()
    for row in (large, small):
        row.refresh_from_db()
    assert (large.competitor, small.competitor) == ("large", "small")
    assert len(tasks(large)) == len(tasks(small)) == 1
    assert [s.number for s in runs(made)[0].steps.order_by("pk")] == ["1", "1a.1", "2"]
    assert [s.number for s in runs(made)[1].steps.order_by("pk")] == ["1", "1b.1", "2"]


def test_a_failing_step_says_why_and_is_tried_again_from_there():
    made = workflow(
        document({"do": "set", "values": {"competitor": "Polar"}}, {"do": "action", "action": "deal.reopen"}, WHY)
    )
    row = deal()
    lose(row)
    perform(ACTIONS["deal.reopen"], row, {}, by=actor("ines"))  # before the run comes to it
    work()
    run = the_run(made)
    assert run.state == RunState.FAILED and run.why == "Step 2 failed."
    assert run.steps.get(number="2").error == "“Open again” makes no sense here any more."
    assert [s.state for s in run.steps.order_by("pk")] == [StepState.DONE, StepState.FAILED]
    row.refresh_from_db()
    assert row.competitor == "Polar"  # what was done before stays
    made.refresh_from_db()
    do.switch_off(made, by=actor("astrid"))
    lose(row)
    perform(ACTIONS["run.retry"], run, {}, by=actor("astrid"))
    work()
    run.refresh_from_db()
    assert run.state == RunState.DONE and run.steps.filter(number="1").count() == 1
    assert run.steps.filter(number="2").count() == 2


def test_what_a_run_did_is_taken_back_step_by_step_and_what_was_edited_since_stays():
    made = workflow(document({"do": "set", "values": {"competitor": "Polar", "reason_words": "Too dear"}}, WHY))
    row = deal()
    lose(row)
    work()
    row.refresh_from_db()
    edit(row, {"competitor": "Arctic"})
    perform(ACTIONS["run.take_back"], the_run(made), {}, by=actor("astrid"))
    row.refresh_from_db()
    assert (row.competitor, row.reason_words) == ("Arctic", "") and tasks(row) == []
    steps = list(the_run(made).steps.order_by("pk"))
    assert {s.state for s in steps} == {StepState.UNDONE}
    assert "was changed since" in steps[0].error


def test_assigning_goes_round_and_passes_over_those_who_left():
    priya, _ines, _jonas = user("priya"), user("ines"), user("jonas")
    made = workflow(document({"do": "assign", "to": ["Ines Okafor", "Priya Nair", "Jonas Lindqvist"]}))
    priya.is_active = False
    priya.save(update_fields=["is_active"])
    rows = [deal(f"Site {n}") for n in range(4)]
    for row in rows:
        lose(row)
        work()
    owners = [type(row).objects.get(pk=row.pk).owner.name for row in rows]
    assert owners == ["Ines Okafor", "Jonas Lindqvist"] * 2, [r.why for r in runs(made)]


def test_a_run_stays_on_the_version_it_began_with():
    made = workflow(document({"do": "wait", "for": "1 day"}, WHY))
    row = deal()
    lose(row)
    work()
    made.refresh_from_db()
    other = {**WHY, "inputs": {**WHY["inputs"], "subject": "Something else"}}
    actions.edit(
        registry["workflow"], made, {"draft": document({"do": "wait", "for": "1 day"}, other)}, by=actor("astrid")
    )
    do.publish(made, by=actor("astrid"))
    sweeps.minute(timezone.now() + dt.timedelta(days=1, minutes=1))
    work()
    assert (the_run(made).version_number, [t.subject for t in tasks(row)]) == (1, ["Ask why"])


def test_an_author_who_has_left_stops_the_workflow_and_it_says_so():
    helena = user("helena")
    helena.role = "administrator"
    helena.save(update_fields=["role"])
    made = workflow(WHEN_LOST, by=actor("helena"))
    helena.is_active = False
    helena.save(update_fields=["is_active"])
    row = deal()
    lose(row)
    work()
    made.refresh_from_db()
    assert not made.active and "not at work any more" in made.problem
    assert the_run(made).state == RunState.STOPPED and tasks(row) == []


def test_an_author_who_lost_the_right_stops_the_workflow_and_it_names_the_right():
    helena = user("helena")
    helena.role = "administrator"
    helena.save(update_fields=["role"])
    made = workflow(WHEN_LOST, by=actor("helena"))
    helena.role = "read_only"
    helena.save(update_fields=["role"])
    row = deal()
    lose(row)
    work()
    made.refresh_from_db()
    assert not made.active and "no longer has the right “activity.create”" in made.problem
    assert tasks(row) == []


def test_rights_are_the_authors_a_row_out_of_their_reach_is_not_touched():
    helena = user("helena")
    helena.role = "administrator"
    helena.save(update_fields=["role"])
    made = workflow(document({"do": "set", "values": {"competitor": "Polar"}}), by=actor("helena"))
    policy("administrator", "deal", see="own", edit="own", archive="own")
    row = deal(by=actor("ines"))
    lose(row)
    work()
    row.refresh_from_db()
    assert row.competitor == "" and runs(made) == []  # it is not hers to see, so it is not hers to start on


def test_while_all_is_paused_nothing_starts_or_goes_on_and_afterwards_waits_end():
    made = workflow(document({"do": "wait", "for": "1 hour"}, WHY))
    before, meanwhile = deal(), deal("Second site")
    lose(before)
    work()
    do.pause_all(by=actor("astrid"))
    lose(meanwhile)
    sweeps.minute(timezone.now() + dt.timedelta(hours=2))
    work()
    assert the_run(made).state == RunState.WAITING and tasks(before) == []
    do.resume_all(by=actor("astrid"))
    sweeps.minute(timezone.now() + dt.timedelta(hours=2))
    work()
    assert the_run(made).state == RunState.DONE and len(tasks(before)) == 1 and tasks(meanwhile) == []
    with pytest.raises(NotAllowed):
        do.pause_all(by=actor("ines"))


def test_more_runs_than_an_hour_allows_wait_for_a_later_one():
    made = workflow(WHEN_LOST)
    actions.edit(registry["workflow"], made, {"per_hour": 2}, by=actor("astrid"))
    rows = [deal(f"Site {n}") for n in range(5)]
    for row in rows:
        lose(row)
    work()
    states = [r.state for r in runs(made)]
    assert states == ["done", "done", "waiting", "waiting", "waiting"]
    held = runs(made)[2:]
    assert all("at most 2 runs an hour" in r.why for r in held)
    hours = [round((r.waits_until - timezone.now()).total_seconds() / 3600) for r in held]
    assert hours == [1, 1, 2]
    sweeps.minute(timezone.now() + dt.timedelta(hours=3))
    work()
    assert [r.state for r in runs(made)] == ["done"] * 5


def test_under_lasting_load_no_hour_has_more_runs_than_allowed():
    start = dt.datetime(2026, 3, 4, 12, 0, tzinfo=dt.UTC)
    with time_machine.travel(start, tick=False) as clock:
        made = workflow(WHEN_LOST)
        actions.edit(registry["workflow"], made, {"per_hour": 2}, by=actor("astrid"))
        for n in range(12):  # three an hour, for four hours
            lose(deal(f"Site {n}"))
            work()
            clock.shift(dt.timedelta(minutes=20))
            sweeps.minute()
            work()
        for _n in range(30):
            clock.shift(dt.timedelta(minutes=10))
            sweeps.minute()
            work()
    began = sorted(r.started_at for r in runs(made))
    assert len(began) == 12 and {r.state for r in runs(made)} == {RunState.DONE}
    assert all(later - first >= dt.timedelta(hours=1) for first, later in zip(began, began[2:], strict=False))
    assert began[-1] - start <= dt.timedelta(hours=6), "and none waits longer than it must"


def test_a_run_that_waits_as_its_steps_say_takes_nobody_s_place():
    with time_machine.travel(dt.datetime(2026, 3, 4, 12, 0, tzinfo=dt.UTC), tick=False) as clock:
        made = workflow(document({"do": "wait", "for": "3 days"}, WHY))
        actions.edit(registry["workflow"], made, {"per_hour": 1}, by=actor("astrid"))
        for _n in range(3):
            lose(deal())
            work()
            clock.shift(dt.timedelta(minutes=61))
    assert [(r.state, r.why) for r in runs(made)] == [("waiting", "")] * 3


def test_far_too_many_at_once_switch_the_workflow_off_with_a_sentence():
    made = workflow(WHEN_LOST)
    actions.edit(registry["workflow"], made, {"per_hour": 1}, by=actor("astrid"))
    for n in range(12):
        lose(deal(f"Site {n}"))
    work()
    made.refresh_from_db()
    assert not made.active and "at most 1 an hour are allowed" in made.problem


def test_a_workflow_whose_column_is_gone_switches_itself_off_and_says_why():
    from kith.kernel.customfields import actions as fields

    field = fields.define(record="deal", label="Region", kind="text", by=actor("astrid"))
    made = workflow(document(WHY, **{"if": f"custom.{field.key}.is:North"}))
    fields.archive_field(field, by=actor("astrid"))
    lose(deal())
    work()
    made.refresh_from_db()
    assert (
        not made.active
        and made.problem
        == f"Its condition cannot be used any more: There is no field “custom.{field.key}” to filter by."
    )


def test_a_cancelled_run_does_no_more():
    made = workflow(document({"do": "wait", "for": "1 hour"}, WHY))
    row = deal()
    lose(row)
    work()
    perform(ACTIONS["run.cancel"], the_run(made), {}, by=actor("astrid"))
    sweeps.minute(timezone.now() + dt.timedelta(hours=2))
    work()
    run = the_run(made)
    assert (run.state, run.why, tasks(row)) == (RunState.CANCELLED, "Cancelled by Astrid Moe.", [])


def test_a_run_is_started_by_hand_about_a_row():
    made = workflow(WHEN_LOST, on=False)
    row = deal()
    run = actions.create(registry["run"], {"workflow": made, "record_id": row.pk}, by=actor("astrid"))
    run_waiting_jobs(names=["automation.advance"])
    assert Run.objects.get(pk=run.pk).state == RunState.DONE and len(tasks(row)) == 1


def test_many_workflows_on_one_event_each_ask_their_own_condition():
    asked = {"amount.over:10000": True, "amount.under:10000": False, "": True, "stalled.is:1": False, "owner.is:me": False,
             "not(amount.over:90000)": True, "company.empty,competitor.empty": True}  # fmt: skip
    made = {text: workflow(document(WHY, **{"if": text}), f"Number {n}") for n, text in enumerate(asked)}
    gone = workflow(document(WHY), "Its column goes")
    from kith.automation.models import Version

    Version.objects.filter(workflow=gone).update(document={**WHEN_LOST, "if": "colour.is:red", "steps": [WHY]})
    lose(deal())
    work()
    assert {text: bool(runs(one)) for text, one in made.items()} == asked
    gone.refresh_from_db()
    assert (
        runs(gone) == []
        and gone.problem == "Its condition cannot be used any more: There is no field “colour” to filter by."
    )
