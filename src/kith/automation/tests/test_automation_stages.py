"""What a stage does by itself is a workflow that belongs to it: one engine, with runs, retry, pause, causes and replay."""

import datetime as dt

import pytest
import time_machine
from django.utils import timezone

from kith.automation import actions as do
from kith.automation.models import Run, RunState, Version, Workflow
from kith.automation.replay import replay
from kith.automation.tests.making import runs, work, workflow
from kith.kernel.errors import Invalid
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.records.actions import archive, edit
from kith.kernel.records.registry import registry
from kith.kernel.timeline.models import Event
from kith.kernel.timeline.operations import undo
from kith.process.definition.files import from_yaml
from kith.process.journeys.clocks import tell_clocks
from kith.process.publishing import save_draft
from kith.process.tests.cast import BUSY, SMALL, call, company, in_force, journey_of
from tests.cast import actor, user

pytestmark = pytest.mark.django_db
ENTRY = "Capture, on entry: Say hello"


def entry():
    return Workflow.objects.get(name=ENTRY)


def tasks_of(row):
    return registry["activity"].model.objects.filter(company=row)


def publish(process, text, by=None):
    by = by or actor("astrid")
    save_draft(process, from_yaml(text), by=by)
    process.refresh_from_db()
    return perform(ACTIONS["process.publish"], process, {}, by=by)


def test_a_stage_does_things_by_itself_on_entry_exit_and_when_its_clock_ran_out():
    in_force(BUSY)
    ines = actor("ines")
    row = company(ines)
    tasks = tasks_of(row)
    work()
    assert Run.objects.count() == 1 and [t.subject for t in tasks] == ["Say hello"]
    assert abs((tasks.get().due_at - timezone.now()) - dt.timedelta(hours=2)) < dt.timedelta(minutes=1)
    with time_machine.travel(timezone.now() + dt.timedelta(hours=3), tick=False):
        tell_clocks()
        work()
    assert tasks.filter(subject="Ask what keeps us").exists()
    call(ines, company=row)
    work()
    assert tasks.filter(body="Answered.").exists()
    before = Run.objects.count()
    work()
    assert Run.objects.count() == before == 3


def test_moving_to_another_process_is_leaving_a_stage_here_and_entering_one_there():
    short = BUSY.replace("key: small\nname: Small", "key: short\nname: Short cycle").replace(
        "Say hello", "Call the shop"
    )
    in_force(short.replace("Answered.", "Left the shops."))
    in_force(BUSY)
    ines = actor("ines")
    row = company(ines)
    work()
    perform(ACTIONS["journey.change_process"], journey_of(row), {"process": "short", "reason": "A shop"}, by=ines)
    work()
    assert sorted(t.subject for t in tasks_of(row) if t.subject) == ["Call the shop", "Say hello"]
    assert [t.body for t in tasks_of(row) if t.body] == ["Answered."]
    with time_machine.travel(timezone.now() + dt.timedelta(hours=3), tick=False):
        tell_clocks()
        work()
    assert tasks_of(row).filter(subject="Ask what keeps us").count() == 1, "the clock of the stage left is at rest"


def test_what_it_could_not_do_by_itself_is_told_on_the_timeline_and_can_be_tried_again():
    in_force(BUSY.replace("due: 2 h}", "due: whenever}"))
    row = company(actor("ines"))
    work()
    told = Event.objects.get(verb="journey.automation_failed", record_id=journey_of(row).pk)
    assert "whenever" in told.payload["problem"]
    (run,) = runs(entry())
    assert (run.state, run.record, run.record_id) == (RunState.FAILED, "journey", journey_of(row).pk)
    do.retry(run, by=actor("astrid"))
    work()
    run.refresh_from_db()
    assert run.state == RunState.FAILED and run.steps.count() == 2


def test_publishing_makes_the_workflows_of_its_stages_as_whoever_published():
    in_force(BUSY)
    made = list(Workflow.objects.order_by("pk"))
    assert [one.name for one in made] == [
        ENTRY, "Capture, on leaving: Answered.", "Capture, when overdue: Ask what keeps us",
    ]  # fmt: skip
    assert {(one.stage, one.author, one.active, one.number) for one in made} == {("capture", user("astrid"), True, 1)}
    row = company(actor("ines"))
    work()
    planned = Event.objects.get(record="activity", record_id=tasks_of(row).get().pk)
    begun = Event.objects.get(verb="journey.created", record_id=journey_of(row).pk)
    assert (planned.actor_id, planned.channel, planned.cause) == (user("astrid").pk, "automation", begun.pk)


def test_a_new_version_changes_the_workflow_and_runs_are_held_to_what_their_journey_was_held_to():
    process = in_force(BUSY)
    company(actor("ines"))
    publish(process, BUSY.replace("Say hello", "Say good day"))
    changed = Workflow.objects.get(name="Capture, on entry: Say good day")
    assert changed.number == 2 and Workflow.objects.count() == 3, "changed, not made anew"
    later = company(actor("ines"), "Atlas")
    work()
    assert [r.version_number for r in runs(changed)] == [1, 2], "the first came in under version 1"
    assert [t.subject for t in tasks_of(later)] == ["Say good day"]
    other = Workflow.objects.get(name__contains="Answered")
    assert other.number == 1 and Version.objects.filter(workflow=other).count() == 1


def test_what_a_version_does_not_say_any_more_is_put_away_and_comes_back_when_publishing_is_taken_back():
    process = in_force(BUSY)
    outcome = publish(process, SMALL)
    assert not Workflow.objects.filter(archived_at=None).exists()
    company(actor("ines"))
    work()
    assert not Run.objects.exists()
    undo(outcome.operation, by=actor("astrid"))
    assert Workflow.objects.filter(archived_at=None, active=True).count() == 3
    row = company(actor("ines"), "Atlas")
    work()
    assert [t.subject for t in tasks_of(row)] == ["Say hello"]


def test_taking_back_a_changed_text_brings_the_earlier_one_back_without_a_version_more():
    process = in_force(BUSY)
    outcome = publish(process, BUSY.replace("Say hello", "Say good day"))
    undo(outcome.operation, by=actor("astrid"))
    back = entry()
    assert back.number == 1 and Version.objects.filter(workflow=back).count() == 2
    row = company(actor("ines"))
    work()
    assert [t.subject for t in tasks_of(row)] == ["Say hello"]


def test_a_process_that_is_removed_takes_its_workflows_with_it():
    process = in_force(BUSY)
    perform(ACTIONS["process.remove"], process, {}, by=actor("astrid"))
    assert not Workflow.objects.filter(archived_at=None).exists()


def test_it_can_be_switched_off_and_on_and_stays_off_through_the_next_version():
    astrid, process = actor("astrid"), in_force(BUSY)
    do.switch_off(entry(), by=astrid)
    publish(process, BUSY.replace("within: 30 days", "within: 20 days"))
    row = company(actor("ines"))
    work()
    assert not entry().active and not tasks_of(row).exists()
    do.switch_on(entry(), by=astrid)
    other = company(actor("ines"), "Atlas")
    work()
    assert tasks_of(other).exists()


def test_switching_one_off_and_removing_another_that_does_the_same_leaves_the_right_one_on():
    second = "      - {moment: entry, do: activity.plan_task, inputs: {subject: Read their page}}\n"
    both = BUSY.replace("    automations:\n", f"    automations:\n{second}")
    process = in_force(both)
    do.switch_off(Workflow.objects.get(name__contains="Read their page"), by=actor("astrid"))
    publish(process, BUSY)
    row = company(actor("ines"))
    work()
    assert [t.subject for t in tasks_of(row)] == ["Say hello"]


def test_it_is_changed_through_its_process_only():
    in_force(BUSY)
    record, astrid = registry["workflow"], actor("astrid")
    attempts = (
        lambda: edit(record, entry(), {"name": "Mine"}, by=astrid),
        lambda: edit(record, entry(), {"draft": {}}, by=astrid),
        lambda: archive(record, entry(), by=astrid),
    )
    for attempt in attempts:
        with pytest.raises(Invalid, match="belongs to a stage; change it in the process"):
            attempt()
    edit(record, entry(), {"per_hour": 10}, by=astrid)


def test_pages_say_to_which_stage_it_belongs_and_lead_there(client):
    in_force(BUSY)
    client.force_login(user("astrid"))
    for address in ("/settings/automation/", f"/workflows/{entry().pk}"):
        page = client.get(address).content.decode()
        assert "Of stage “Capture” of process “Small”" in page
        assert 'href="/settings/process/small/capture/#automations"' in page
    assert "/steps" not in page, "its steps are not edited here"
    assert client.get(f"/workflows/{entry().pk}/steps").status_code == 400
    stage = client.get("/settings/process/small/capture/").content.decode()
    assert "go:automation/0/try/" in stage and "/workflows/?filter=process.is:" in stage


def test_an_automation_of_a_draft_can_be_tried_from_its_stage_before_it_is_published(client):
    process = in_force()
    row = company(actor("ines"))
    save_draft(process, from_yaml(BUSY), by=actor("astrid"))
    client.force_login(user("astrid"))
    page = client.get("/settings/process/small/capture/automation/0/try/").content.decode()
    assert "Hotel Bellevue" in page and "Say hello" in page and "Nothing was written" in page
    assert not tasks_of(row).exists() and not Workflow.objects.exists()
    assert client.get("/settings/process/small/capture/automation/7/try/").status_code == 404


def test_a_workflow_of_ones_own_may_start_by_a_step_of_a_process_too(client):
    in_force()
    document = {
        "record": "journey", "when": {"stage": "qualify"},
        "steps": [{"do": "notify", "to": ["=owner"], "text": "{name} is to be judged"}],
    }  # fmt: skip
    made = workflow(document, "Tell who judges")
    row = company(actor("ines"))
    call(actor("ines"), company=row)
    work()
    (run,) = runs(made)
    assert (run.state, run.record_id) == (RunState.DONE, journey_of(row).pk)
    client.force_login(user("astrid"))
    client.post(
        f"/workflows/{made.pk}/steps/start", {"record": "journey", "how": "stage", "stage": "deal", "moment": "exit"}
    )
    made.refresh_from_db()
    assert made.draft["when"] == {"stage": "deal", "moment": "exit"}
    assert "When a relationship leaves “Deal”" in client.get(f"/workflows/{made.pk}").content.decode()


def test_it_rests_while_all_automation_rests():
    in_force(BUSY)
    do.pause_all(by=actor("astrid"))
    row = company(actor("ines"))
    work()
    do.resume_all(by=actor("astrid"))
    work()
    assert not tasks_of(row).exists()


def test_stages_that_send_a_journey_back_and_forth_are_stopped_by_what_caused_what():
    def moving(text, stage, to):
        at = text.index(f"  - key: {stage}\n")
        line = f"    automations: [{{moment: entry, do: journey.move, inputs: {{stage: {to}, reason: Because}}}}]\n"
        end = text.index("    step:", at)
        return text[:end] + line + text[end:]

    circle = moving(moving(SMALL.replace("back: [qualify]", "back: []"), "capture", "qualify"), "qualify", "capture")
    in_force(circle)
    row = company(actor("ines"))
    work()
    assert Event.objects.filter(verb="journey.moved", record_id=journey_of(row).pk).count() == 2
    assert Run.objects.filter(state=RunState.STOPPED, why__contains="start itself").count() == 1


def test_it_can_be_tried_on_the_last_ninety_days():
    in_force(BUSY)
    row = company(actor("ines"))
    told = replay(entry(), by=actor("astrid"))
    assert (told.count, told.tried, told.problems) == (1, 1, 0)
    assert not tasks_of(row).exists() and not Run.objects.exists()


def test_business_spans_pass_by_the_calendar_of_the_process():
    from kith.kernel.records.actions import create

    week = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), "") | {"sat": "09:00-17:00", "sun": "09:00-17:00"}
    create(registry["business_calendar"], {"name": "Weekends", "windows": week, "time_zone": "UTC"}, by=actor("astrid"))
    weekend = BUSY.replace("name: Small\n", "name: Small\ncalendar: Weekends\n", 1)
    with time_machine.travel(dt.datetime(2026, 11, 18, 12, tzinfo=dt.UTC), tick=False):  # a Wednesday
        in_force(weekend.replace("due: 2 h}", "due: 2 business hours}"))
        row = company(actor("ines"))
        work()
    assert tasks_of(row).get().due_at == dt.datetime(2026, 11, 21, 11, tzinfo=dt.UTC), "on Saturday"


def test_when_its_author_has_left_whoever_switches_it_on_again_answers_for_it():
    in_force(BUSY)
    user("astrid").__class__.objects.filter(pk=user("astrid").pk).update(is_active=False)
    company(actor("ines"))
    work()
    assert "author is not at work" in entry().problem
    helena = user("helena")
    helena.role = "administrator"
    helena.save()
    do.switch_on(entry(), by=actor("helena"))
    row = company(actor("ines"), "Atlas")
    work()
    assert entry().author == helena and tasks_of(row).exists()


def test_a_stage_does_something_by_itself_when_nobody_talks_for_longer_than_it_allows():
    from kith.process.journeys.silence import tell_silences

    in_force(
        BUSY.replace("moment: overdue", "moment: silent").replace(
            "    within: 2 h\n    warn: 30 min\n", "    silence: 3 days\n"
        )
    )
    row = company(actor("ines"))
    with time_machine.travel(timezone.now() + dt.timedelta(days=4), tick=False):
        tell_silences()
        work()
    assert tasks_of(row).filter(subject="Ask what keeps us").exists()


def test_each_automation_of_a_stage_is_switched_beside_its_line_with_how_its_runs_went(client):
    client.force_login(user("astrid"))
    in_force(BUSY)
    company(actor("ines"))
    work()
    Run.objects.create(workflow=entry(), key="once", record="journey", state=RunState.FAILED)
    address = "/settings/process/small/capture/"
    page = client.get(address).content.decode()
    assert page.count('role="switch"') == 3 and "2 runs in 30 days" in page and "1 failed" in page
    switch = f"/settings/automation/{entry().pk}/switch"
    assert f'hx-post="{switch}"' in page
    answer = client.post(switch, HTTP_HX_REQUEST="true").content.decode()
    assert "off" in answer and " checked" not in answer and not entry().active
    assert client.post(switch).url == f"{address}#automations" and entry().active
    with time_machine.travel(timezone.now() + dt.timedelta(days=31), tick=False):
        client.force_login(user("astrid"))
        assert "0 runs in 30 days" in client.get(address).content.decode()
    client.force_login(user("ines"))
    assert client.post(switch).status_code == 403 and entry().active


def test_an_automation_that_is_only_drafted_has_no_switch_yet(client):
    client.force_login(user("astrid"))
    process = in_force(SMALL)
    save_draft(process, from_yaml(BUSY), by=actor("astrid"))
    assert 'role="switch"' not in client.get("/settings/process/small/capture/").content.decode()
