"""What people do with workflows and runs. Publishing makes a version; switching on lets it start."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.activities.notices import notify
from kith.automation import engine, events
from kith.automation.cancelling import cancel_many
from kith.automation.models import OPEN_STATES, Matched, Pause, Run, RunState, RunStep, StepState, Version, Workflow
from kith.kernel.access.actor import Actor, system
from kith.kernel.errors import Invalid, InvalidMany, NotAllowed
from kith.kernel.kinds import Bool, Integer, Text
from kith.kernel.organisation.models import bump
from kith.kernel.records.action import action
from kith.kernel.records.registry import registry
from kith.kernel.timeline.change import change, change_many
from kith.kernel.timeline.models import Operation
from kith.kernel.timeline.operations import undo

MANAGE = "settings.manage"


def _published(row: Any) -> bool:
    return row.number is not None


def _own(row: Any) -> bool:
    """Whether it belongs to no stage of a process."""
    return row.process_id is None


THEIRS = frozenset(
    {"active", "author_id", "problem", "since", "fired_at", "per_hour", "version", "updated_at"}
)  # what people may do


def keep_belonging(pairs: list[tuple[Any, Any]], by: Actor) -> None:
    """What belongs to a stage is changed by publishing its process and in no other way. Raises Invalid."""
    if by.is_system:
        return
    for old, row in pairs:
        fields = (f.attname for f in row._meta.concrete_fields if f.name != "tsv")
        if row.process_id and (
            old is None or any(getattr(old, f) != getattr(row, f) for f in fields if f not in THEIRS)
        ):
            raise Invalid(__("“%s” belongs to a stage; change it in the process, under Settings, Process.") % row.name)


# --- workflows -------------------------------------------------------------------------------------------------------


@action("workflow.publish", needs=MANAGE, label=_("Publish"), icon="check", undo=False,
        done=_("Published. Runs in flight stay on their version."), applies=lambda w: bool(w.draft) and _own(w))  # fmt: skip
def publish(workflow: Workflow, *, by: Actor) -> Workflow:
    """The draft becomes the next version, which acts with the rights of whoever publishes it. Raises InvalidMany with a
    sentence for each fault."""
    from kith.automation.checking import faults_of

    if by.user_id is None:
        raise NotAllowed(__("A workflow acts as somebody; sign in to publish it."))
    with change(workflow, by=by) as c:
        if faults := faults_of(c.row.draft, by, c.row.name):
            raise InvalidMany({"": faults})
        last = Version.objects.filter(workflow=c.row).order_by("-number").first()
        if (
            last is not None
            and last.document == c.row.draft
            and (c.row.number, c.row.author_id) == (last.number, by.user_id)
        ):
            return c.row
        number = last.number + 1 if last is not None else 1
        Version.objects.create(workflow=c.row, number=number, document=c.row.draft, author_id=by.user_id)
        c.row.number, c.row.author_id, c.row.problem = number, by.user_id, ""
        if c.row.active:
            _begin_anew(c.row)
        c.says(events.Published(number))
    if c.row.active:
        remember_matches(c.row)
    return c.row


@action("workflow.go_back", needs=MANAGE, label=_("Go back to a version"), icon="undo", undo=False,
        done=_("That version is the draft now; publish it to let it count."), applies=lambda w: _published(w) and _own(w))  # fmt: skip
def go_back(workflow: Workflow, *, number: Annotated[int, Integer(1), _("Version")], by: Actor) -> Workflow:
    """An older version becomes the draft again."""
    version = Version.objects.filter(workflow=workflow, number=number).first()
    if version is None:
        raise Invalid(__("There is no version %s.") % number, "number")
    with change(workflow, by=by) as c:
        c.row.draft = version.document
    return c.row


@action("workflow.switch_on", needs=MANAGE, label=_("Switch on"), icon="check", undo=False,
        done=_("{row} is on. What happened before starts nothing."), applies=lambda w: _published(w) and not w.active)  # fmt: skip
def switch_on(workflow: Workflow, *, by: Actor) -> Workflow:
    """From now on it starts runs. Rows that meet its filter already do not start it."""
    from kith.automation.queries import author_of, published

    with change(workflow, by=by) as c:
        if c.row.active:
            return c.row
        if not _published(c.row):
            raise Invalid(__("Publish it first."))
        author, definition = author_of(c.row), published(c.row)
        if not _own(c.row) and by.user_id and definition and (author is None or engine.lost_rights(definition, author)):
            c.row.author_id, author = by.user_id, by  # as whoever publishes the process again
        if author is None or definition is None or engine.lost_rights(definition, author):
            raise Invalid(__("Its author may not do what its steps do any more; publish it again yourself."))
        c.row.active, c.row.problem = True, ""
        _begin_anew(c.row)
        c.says(events.SwitchedOn())
    remember_matches(c.row)
    return c.row


def _begin_anew(row: Workflow) -> None:
    row.since = row.fired_at = timezone.now()


def remember_matches(row: Workflow) -> None:
    """Rows that meet the trigger's filter at this moment are known, so that they are no news later."""
    from kith.automation.queries import Live, published
    from kith.automation.starting import begun_to_match
    from kith.automation.triggers import OnBecoming, trigger_of

    definition = published(row)
    trigger = trigger_of(definition) if definition else None
    if definition and isinstance(trigger, OnBecoming):
        with transaction.atomic():
            begun_to_match(Live(row, definition, trigger))
    else:
        Matched.objects.filter(workflow=row).delete()


@action("workflow.switch_off", needs=MANAGE, label=_("Switch off"), icon="x", undo=False,
        done=_("{row} is off. Runs that have begun go on."), applies=lambda w: w.active)  # fmt: skip
def switch_off(
    workflow: Workflow, *, cancel: Annotated[bool, Bool(), _("Cancel runs that have begun")] = False, by: Actor
) -> Workflow:
    """It starts nothing any more; runs that have begun go on, unless they are cancelled too."""
    with change(workflow, by=by) as c:
        if c.row.active:
            c.row.active = False
            c.says(events.SwitchedOff())
    if cancel:
        begun = Run.objects.filter(workflow=workflow, state__in=OPEN_STATES).order_by("pk")
        cancel_many(begun, by=by, why=__("The workflow was switched off."))
    return c.row


def stop_by_itself(workflow: Workflow, why: str) -> None:
    """Kith switches a workflow off, says why on its page, and tells its author."""
    with change(workflow, by=system()) as c:
        if not c.row.active:
            return
        c.row.active, c.row.problem = False, why[:500]
        c.says(events.SwitchedOff(why=why[:500]))
    if c.row.author is not None:
        text = __("“%(name)s” was switched off: %(why)s") % {"name": c.row.name, "why": why}
        notify(
            [c.row.author],
            text,
            kind="workflow",
            about=("workflow", c.row.pk),
            by=system(),
            key=f"off:{c.row.pk}:{c.row.version}",
        )


@action("workflow.renew_secret", needs=MANAGE, label=_("New address and secret"), icon="key", undo=False,
        done=_("The old address and secret no longer work."), applies=_own)  # fmt: skip
def renew_secret(workflow: Workflow, *, by: Actor) -> Workflow:
    """The address that others call and the secret that signs our calls are made anew."""
    with change(workflow, by=by) as c:
        c.row.secret_round += 1
        c.says(events.SecretRenewed())
    return c.row


def pause_all(*, by: Actor) -> None:
    """Nothing starts and nothing goes on until `resume_all`. What happens meanwhile starts nothing; runs that wait for it go
    on then."""
    by.require(MANAGE)
    with transaction.atomic():
        if not Pause.objects.filter(ended_at=None).exists():
            Pause.objects.create(began_by=by.name)
            bump()


def resume_all(*, by: Actor) -> None:
    """Runs go on where they stood; waits that ended meanwhile, by the clock or by what happened, go on now. Every workflow that is on begins anew, as when it
    was switched on: what happened, came due or began to be met meanwhile starts nothing."""
    from kith.automation.starting import set_off

    by.require(MANAGE)
    with transaction.atomic():
        if not Pause.objects.filter(ended_at=None).update(ended_at=timezone.now()):
            return  # what happens while nothing rests is not to be passed over
        on = list(Workflow.objects.filter(active=True, archived_at=None).select_related("author").order_by("pk"))
        for row in on:
            _begin_anew(row)
        Workflow.objects.bulk_update(on, ["since", "fired_at"])
        for row in on:
            remember_matches(row)
        bump()
        set_off()


# --- runs ------------------------------------------------------------------------------------------------------------


def create_run(values: dict[str, Any], *, by: Actor, at: dt.datetime | None = None) -> Run:
    """Start a workflow by hand, about the row `record_id` of its type. One that cannot run stands as stopped and says why."""
    workflow = values.get("workflow")
    by.require(MANAGE)
    if workflow is None:
        raise InvalidMany({"workflow": [__("%s is needed.") % __("Workflow")]})
    run = Run(workflow=workflow, record_id=values.get("record_id"), note=values.get("note") or "")
    return _start(run, events.RunStartedByHand(), by=by, at=at)


def _start(run: Run, said: Any, *, by: Actor, at: dt.datetime | None = None) -> Run:
    """With the version that counts now, about a row that one may see oneself."""
    from kith.automation.starting import set_off, start_by_hand

    run.version_number = run.workflow.number
    run.record, run.record_id, why = start_by_hand(run.workflow, row=run.record_id, by=by)
    if run.record and run.record_id and not why:
        registry[run.record].get(by, run.record_id)
    if why:
        run.state, run.why, run.ended_at = RunState.STOPPED, why, timezone.now()
    with change(run, by=by, at=at) as c:
        c.says(said)
    if not why:
        set_off()
    return run


def _may_retry(run: Run) -> bool:
    return run.state in (RunState.FAILED, RunState.STOPPED, RunState.CANCELLED) and bool(run.version_number)


def retry_many(rows: list[Run], *, by: Actor, refused: Any = None) -> int:
    """All of them together: a query for the steps they stand at, and each batch in one statement."""
    from kith.automation.starting import set_off

    failed = RunStep.objects.filter(
        run__in=[run.pk for run in rows], state=StepState.FAILED, position=F("run__at_step")
    )
    numbers = dict(failed.order_by("pk").values_list("run_id", "number"))

    def apply(run: Run) -> list[Any]:
        if not _may_retry(run):
            raise Invalid(__("It did not fail and was not stopped; there is nothing to try again."))
        run.state, run.why, run.ended_at = RunState.QUEUED, "", None
        return [events.RunRetried(numbers.get(run.pk, "1"))]

    with transaction.atomic():
        count = change_many(rows, apply, by=by, refused=refused)
        if count:
            set_off()
    return count


def _may_repeat(run: Run) -> bool:
    return run.state not in OPEN_STATES and bool(run.version_number)


@action("run.retry", needs=MANAGE, label=_("Try again"), icon="loop", undo=False, done=_("It goes on from there."),
        applies=_may_retry, many=retry_many)  # fmt: skip
def retry(run: Run, *, by: Actor) -> Run:
    """A run that failed or was stopped goes on from the step it stands at; many of them at once."""
    if Run.objects.filter(pk=run.pk, state__in=(*OPEN_STATES, RunState.DONE)).exists():
        return run  # somebody was quicker
    retry_many([run], by=by)
    return Run.objects.get(pk=run.pk)


@action("run.repeat", needs=MANAGE, label=_("Run again"), icon="refresh", undo=False, applies=_may_repeat,
        done=_("It runs once more, from the first step and with the version that counts now."))  # fmt: skip
def repeat(run: Run, *, by: Actor) -> Run:
    """A run that has ended is done once more, as a run of its own about the same row, with what a call sent."""
    if Run.objects.filter(pk=run.pk, state__in=OPEN_STATES).exists():
        raise Invalid(__("It has not ended yet; wait until it has, or cancel it first."))
    if run.workflow.archived_at is not None:
        raise Invalid(__("“%s” was archived; bring it back first.") % run.workflow.name)
    again = Run(workflow=run.workflow, record_id=run.record_id, payload=run.payload)
    return _start(again, events.RunStartedAgain(run.pk), by=by)


@action("run.cancel", needs=MANAGE, label=_("Cancel"), icon="x", undo=False, done=_("Cancelled."),
        applies=lambda r: r.state in OPEN_STATES, many=cancel_many)  # fmt: skip
def cancel(run: Run, *, by: Actor) -> Run:
    """It does nothing any more; what it did stays, unless it is taken back."""
    cancel_many([run], by=by)
    return Run.objects.get(pk=run.pk)


@action("run.take_back", needs=MANAGE, label=_("Take back what it did"), icon="undo", undo=False,
        applies=lambda r: r.state not in OPEN_STATES and r.steps_done > 0)  # fmt: skip
def take_back(run: Run, *, by: Actor) -> Run:
    """Undo the steps that can be undone, the last first. What was edited since stays, and is said at its step."""
    with change(run, by=by) as c:
        count = 0
        for step in c.row.steps.filter(operation__isnull=False, state=StepState.DONE).order_by("-pk"):
            count += _undo_step(step, by)
        if count:
            c.says(events.RunTakenBack(count))
    return c.row


def _undo_step(step: RunStep, by: Actor) -> int:
    op = Operation.objects.filter(pk=step.operation or 0, undone_at=None).first()
    if op is None:
        return 0
    done = undo(op, by=by)
    step.state, step.error = StepState.UNDONE, " ".join(done.conflicts)
    step.save(update_fields=["state", "error"])
    return 1


@action("run.approve", needs="run.see", label=_("Approve"), icon="check", undo=False, done=_("Approved; it goes on."),
        applies=lambda r: r.state == RunState.WAITING and r.waits_for == "approval")  # fmt: skip
def approve(run: Run, *, words: Annotated[str, Text(300), _("Why")] = "", by: Actor) -> Run:
    """Whoever is asked, or an administrator, lets the run go on."""
    return _answer(run, True, words, by)


@action("run.decline", needs="run.see", label=_("Decline"), icon="x", undo=False, done=_("Declined; it stops here."),
        applies=lambda r: r.state == RunState.WAITING and r.waits_for == "approval")  # fmt: skip
def decline(run: Run, *, words: Annotated[str, Text(300), _("Why")] = "", by: Actor) -> Run:
    """The run stops at the question."""
    return _answer(run, False, words, by)


def _answer(run: Run, yes: bool, words: str, by: Actor) -> Run:
    from kith.automation.starting import set_off

    with change(run, by=by, verb="see") as c:
        if c.row.state != RunState.WAITING or c.row.waits_for != "approval":
            raise Invalid(__("Nobody is asked any more; the run went on or ended."))
        if by.user_id != c.row.asked_id and not by.can(MANAGE):
            raise NotAllowed(__("Only %s or an administrator may answer this.") % (c.row.asked or __("nobody")))
        said = __("Approved by %s.") if yes else __("Declined by %s.")
        engine.settle_wait(c.row, " ".join([said % by.name, words]).strip(), go_on=yes)
        c.says(events.RunAnswered(__("yes") if yes else __("no")))
        set_off()
    return c.row
