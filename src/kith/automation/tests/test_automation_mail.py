"""What goes wrong beside the workflow is contained, stands on the run, and is tried again: mail that is refused or comes
back, a row that is gone. Mail goes through a real SMTP server."""

import datetime as dt

import pytest
from django.utils import timezone

from kith.activities.models import Message, MessageState, Notice
from kith.automation.models import RunState, StepState
from kith.automation.sweeps import minute
from kith.automation.tests.making import WHEN_LOST, deal, lose, tasks, the_run, work, workflow
from kith.kernel.access.actor import system
from kith.kernel.jobs.inline import run_waiting_jobs
from kith.kernel.mail.actions import lift
from kith.kernel.mail.arriving import take_in
from kith.kernel.mail.models import Suppressed
from kith.kernel.records import actions
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.records.merge import merge
from kith.kernel.records.registry import registry
from tests.cast import actor, user
from tests.mailcast import bounce, smtp_server

pytestmark = pytest.mark.django_db
MARTA = "marta@bellevue.example"
WRITE = {"do": "write", "kind": "mail", "inputs": {"subject": "A pity", "body": "What was missing?", "to": MARTA}}
AFTER = {"do": "write", "kind": "task", "inputs": {"subject": "Ask why", "due": "3 days", "owner": "=owner"}}
EVERY = ("automation.start", "automation.advance", "activities.send_mail", "mail.work")


@pytest.fixture
def smtp(settings):
    with smtp_server(settings) as box:
        yield box


def carry_on(times=1):
    """The jobs, with the pauses between their tries gone by."""
    for n in range(times):
        run_waiting_jobs(names=list(EVERY), now=timezone.now() + timezone.timedelta(days=n))


def wrote():
    """A deal lost, its mail written by the workflow, and the step after it done."""
    made, row = workflow({**WHEN_LOST, "steps": [WRITE, AFTER]}), deal()
    lose(row)
    carry_on()
    return made, row


def mail_step(made):
    return the_run(made).steps.filter(number="1").order_by("-pk").first()


@pytest.mark.django_db(transaction=True)
def test_mail_that_the_server_refuses_for_good_stands_on_the_run_and_is_sent_once_when_tried_again(smtp):
    smtp.refuse = 6  # every try that the mail has
    made, row = wrote()
    assert the_run(made).state == RunState.DONE and len(tasks(row)) == 1
    carry_on(8)
    run, step = the_run(made), mail_step(made)
    assert (run.state, run.why, step.state) == (RunState.FAILED, "Step 1 failed.", StepState.FAILED)
    assert "450" in step.error
    assert Notice.objects.filter(user=user("astrid"), text__contains="Runs of").count() == 1
    perform(ACTIONS["run.retry"], run, {}, by=actor("astrid"))
    carry_on()
    assert [m["To"] for m in smtp.kept] == [MARTA]
    assert the_run(made).state == RunState.DONE and mail_step(made).state == StepState.DONE
    assert len(tasks(row)) == 1, "what followed the mail is not done a second time"
    assert Message.objects.get().state == MessageState.SENT, "the mail that never left is the one that is sent"


def test_mail_that_comes_back_stands_on_the_run_with_what_the_server_said_and_is_written_anew(smtp):
    made, row = wrote()
    sent = Message.objects.get()
    take_in(bounce(sent.message_id, MARTA))
    carry_on()
    run, step = the_run(made), mail_step(made)
    assert (run.state, step.state) == (RunState.FAILED, StepState.FAILED)
    assert step.error == f"{MARTA}: 550 No such user here"
    perform(ACTIONS["run.retry"], run, {}, by=actor("astrid"))
    carry_on()
    assert the_run(made).state == RunState.FAILED and "does not exist" in mail_step(made).error, "it stays shut out"
    lift(Suppressed.objects.get(), why="It was mended", by=system())
    perform(ACTIONS["run.retry"], the_run(made), {}, by=actor("astrid"))
    carry_on()
    assert the_run(made).state == RunState.DONE and len(smtp.kept) == 2 and len(tasks(row)) == 1


def test_a_run_on_its_way_goes_on_and_has_failed_at_its_end(smtp):
    made, row = workflow({**WHEN_LOST, "steps": [WRITE, {"do": "wait", "for": "3 days"}, AFTER]}), deal()
    lose(row)
    carry_on()
    take_in(bounce(Message.objects.get().message_id, MARTA))
    carry_on()
    assert the_run(made).state == RunState.WAITING and mail_step(made).state == StepState.FAILED
    run = the_run(made)
    run.waits_until = timezone.now()
    run.save()
    minute()
    carry_on()
    assert the_run(made).state == RunState.FAILED and len(tasks(row)) == 1


def test_mail_of_a_person_that_comes_back_touches_no_run(smtp):
    made = workflow({**WHEN_LOST, "steps": [AFTER]})
    row = deal()
    lose(row)
    carry_on()
    perform(ACTIONS["activity.write_mail"], row, {"subject": "Hello", "body": "x", "to": MARTA}, by=actor("ines"))
    carry_on()
    take_in(bounce(Message.objects.get().message_id, MARTA))
    carry_on()
    assert the_run(made).state == RunState.DONE


@pytest.mark.parametrize("gone", ["merged", "deleted"])
def test_a_step_whose_row_is_gone_fails_its_run_alone_or_follows_what_it_became(gone):
    record = registry["company"]
    draft = {"record": "company", "when": {"event": "company.created"}, "if": "domain.filled",
             "steps": [{"do": "wait", "for": "3 days"}, {"do": "set", "values": {"industry": "Hotels"}}]}  # fmt: skip
    made, by = workflow(draft), actor("astrid")
    row = actions.create(record, {"name": "Hotel Bellevue", "domain": "bellevue.example"}, by=by)
    other = actions.create(record, {"name": "Hotel Bellevue AG"}, by=by)
    work()
    if gone == "merged":
        merge(record, other, [row], by=by)
    else:
        record.model.objects.filter(pk=row.pk).delete()
    minute(timezone.now() + dt.timedelta(days=3, minutes=1))
    work()
    run = the_run(made)
    if gone == "merged":
        assert run.state == RunState.DONE, "it follows to the row that it became"
        other.refresh_from_db()
        assert other.industry == "Hotels"
        return
    assert run.state == RunState.FAILED and run.steps.order_by("-pk").first().error
    perform(ACTIONS["run.retry"], run, {}, by=by)
    work()
    assert the_run(made).state == RunState.FAILED, "it says so again, and breaks nothing"


def test_colleagues_whom_a_step_names_may_be_gone():
    gone = user("helena")
    made = workflow({**WHEN_LOST, "steps": [{"do": "assign", "to": [gone.name]}]})
    gone.is_active = False
    gone.save()
    lose(deal())
    work()
    run = the_run(made)
    assert run.state == RunState.FAILED and run.steps.get().error
    gone.is_active = True
    gone.save()
    perform(ACTIONS["run.retry"], run, {}, by=actor("astrid"))
    work()
    assert the_run(made).state == RunState.DONE
