"""However runs are ended before their time: one or many by hand, with their workflow, by another one. What waited no longer does."""

import pytest
from django.utils import timezone

from kith.activities.notices import notices_of
from kith.automation import actions as do
from kith.automation.models import RunState, StepState
from kith.automation.tests.making import WHEN_LOST, WHY, deal, lose, runs, tasks, the_run, work, workflow
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.records.bulk import bulk_perform
from kith.kernel.records.registry import registry
from kith.kernel.timeline.models import Event
from tests.cast import actor, user

pytestmark = pytest.mark.django_db
ASKS = {**WHEN_LOST, "steps": [{"do": "approve", "by": "Helena Brandt", "question": "May we?"}, WHY]}


def asking(name="Ask first"):
    """A workflow of which a run waits for an answer, and its row."""
    user("helena")
    made, row = workflow(ASKS, name), deal()
    lose(row)
    work()
    assert the_run(made).asked == user("helena")
    return made, row


def ended(made, why):
    """The run is over in every respect."""
    run = the_run(made)
    assert (run.state, run.why, run.waits_for, run.waits_until, run.asked) == (RunState.CANCELLED, why, "", None, None)
    step = run.steps.get()
    assert step.state == StepState.SKIPPED and step.ended_at <= timezone.now()
    return Event.objects.get(verb="run.cancelled", record_id=run.pk)


def test_switching_off_with_what_has_begun_leaves_nobody_asked():
    made, row = asking()
    do.switch_off(made, cancel=True, by=actor("astrid"))
    assert ended(made, "The workflow was switched off.").actor_id == user("astrid").pk
    assert tasks(row) == []


def test_being_taken_out_by_another_workflow_ends_the_wait_and_says_because_of_what():
    made, row = asking()
    out = {"record": "deal", "when": {"event": "deal.reopened"}, "steps": [{"do": "leave", "workflow": "Ask first"}]}
    other = workflow(out, "Out")
    perform(ACTIONS["deal.reopen"], row, {}, by=actor("ines"))
    work()
    event = ended(made, "Taken out by “Out”.")
    assert (event.channel, event.cause) == ("automation", the_run(other).cause)
    assert the_run(other).steps.get().result == "taken out of 1 runs"


def test_many_are_cancelled_together_and_those_that_ended_are_refused_with_a_sentence():
    made, _row = asking()
    lose(deal("Second site"))
    work()
    first, second = runs(made)
    perform(ACTIONS["run.cancel"], first, {}, by=actor("astrid"))
    told = []
    count = bulk_perform(
        registry["run"], ACTIONS["run.cancel"], [first, second], {}, by=actor("astrid"),
        refused=lambda row, problem: told.append((row.pk, problem.message)),
    )  # fmt: skip
    assert (count, told) == (1, [(first.pk, "It has ended already; there is nothing to cancel.")])
    assert {r.state for r in runs(made)} == {RunState.CANCELLED}


def test_an_answer_after_the_end_is_refused():
    made, _row = asking()
    run = the_run(made)
    do.switch_off(made, cancel=True, by=actor("astrid"))
    from kith.kernel.errors import Invalid

    with pytest.raises(Invalid, match="makes no sense here any more|Nobody is asked any more"):
        perform(ACTIONS["run.approve"], run, {}, by=actor("helena"))
    assert notices_of(actor("helena")), "what was told stays told"
