"""Verbs of onboardings: steps are finished, skipped, opened again; the first result is reached; plans stop and go on."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from django.utils import timezone
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.activities import actions as activities
from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid
from kith.kernel.kinds import Choice, Day, Text
from kith.kernel.records.action import action
from kith.kernel.records.registry import registry
from kith.kernel.timeline.change import change
from kith.onboarding import events
from kith.onboarding.models import RUNNING, Kind, Plan, PlanState, Risk, Step, StepState
from kith.onboarding.moving import follow, of_kith
from kith.onboarding.planning import next_check_in, write_step
from kith.onboarding.risking import hold, release
from kith.ui.dates import full as say_day


def _open(step: Step) -> bool:
    return step.state == StepState.OPEN and step.archived_at is None


# --- steps


@action("onboarding_step.finish", needs="onboarding_step.edit", label=_("Done"), icon="check", applies=_open, many=True,
        done=_("{row}: done"))  # fmt: skip
def finish(onboarding_step: Step, *, on: Annotated[dt.date | None, Day(), _("On")] = None, by: Actor) -> Step:
    """It is done; what waits for it is due from now on. Of a check-in the next one is planned."""
    return end(onboarding_step, StepState.DONE, on or timezone.localdate(), "", by)


@action("onboarding_step.skip", needs="onboarding_step.edit", label=_("Skip"), icon="skip", applies=_open,
        done=_("{row}: skipped"))  # fmt: skip
def skip(onboarding_step: Step, *, reason: Annotated[str, Text(300), _("Why")], by: Actor) -> Step:
    """It does not happen, for a reason; what waits for it goes on."""
    return end(onboarding_step, StepState.SKIPPED, timezone.localdate(), reason, by)


def end(step: Step, state: str, on: dt.date, reason: str, by: Actor) -> Step:
    """Finish or skip a step, what a colleague had to do for it, and plan the next check-in after one. Raises Invalid."""
    if on > timezone.localdate():
        raise Invalid(__("A step cannot be done on a day that is still to come."), "on")
    with change(step, by=by) as c:
        if c.row.state != StepState.OPEN:
            return c.row
        c.row.state, c.row.done_on, c.row.reason = state, on, reason
        c.says(_said(c.row, state, reason))
    row: Step = c.row
    end_activity(row, state, of_kith(by))
    if row.kind == Kind.CHECK_IN:
        next_check_in(Plan.objects.get(pk=row.plan_id), on, of_kith(by))
    return row


def _said(step: Step, state: str, reason: str) -> Any:
    if state == StepState.DONE:
        return events.StepDone(step.name, step.side)
    return (events.CheckInSkipped if step.kind == Kind.CHECK_IN else events.StepSkipped)(step.name, reason)


def end_activity(step: Step, state: str, by: Actor) -> None:
    """Tick off what a colleague had to do for a step, or put it away where the step does not happen."""
    row = (
        registry["activity"]
        .model._default_manager.filter(pk=step.activity_id or 0, done_at=None, archived_at=None)
        .first()
    )
    if row is None:
        return
    if state == StepState.DONE:
        activities.finish.run(row, by=by)
        return
    from kith.kernel.records.actions import archive

    archive(registry["activity"], row, by=by)


@action("onboarding_step.reopen", needs="onboarding_step.edit", label=_("Open again"), icon="undo",
        applies=lambda s: s.state != StepState.OPEN and s.archived_at is None)  # fmt: skip
def reopen(onboarding_step: Step, *, by: Actor) -> Step:
    """It was not done after all."""
    with change(onboarding_step, by=by) as c:
        if c.row.state == StepState.OPEN:
            return c.row
        c.row.state, c.row.done_on, c.row.reason = StepState.OPEN, None, ""
        c.says(events.StepReopened(c.row.name))
    row: Step = c.row
    plan = Plan.objects.get(pk=row.plan_id)
    if plan.state == PlanState.DONE and row.kind != Kind.CHECK_IN:
        _set_state(plan, PlanState.RUNNING, events.Resumed(), of_kith(by))
        follow(Plan.objects.get(pk=plan.pk), by=of_kith(by))
    activity = (
        registry["activity"]
        .model._default_manager.filter(pk=row.activity_id or 0, archived_at=None)
        .exclude(done_at=None)
        .first()
    )
    if activity is not None:
        activities.reopen.run(activity, by=of_kith(by))
    return row


@action("onboarding_step.move", needs="onboarding_step.edit", label=_("To another day"), icon="calendar", applies=_open,
        done=_("{row} moved"))  # fmt: skip
def move(
    onboarding_step: Step,
    *,
    to: Annotated[dt.date | None, Day(), _("Day; empty: as what it waits for says")] = None,
    by: Actor,
) -> Step:
    """On a day of its own, whatever it waits for; without a day it is due again as the plan says."""
    with change(onboarding_step, by=by) as c:
        if c.row.fixed_on != to:
            c.row.fixed_on = to
            c.says(events.StepMoved(c.row.name, say_day(to) if to else __("the day that follows from the plan")))
    return Step.objects.get(pk=c.row.pk)


# --- plans


def _running(plan: Plan) -> bool:
    return plan.is_running


@action("onboarding.reach_first_value", needs="onboarding_plan.edit", label=_("First result reached"), icon="trophy",
        applies=lambda plan: plan.first_value_on is None and plan.archived_at is None, done=_("{row}: first result reached"))  # fmt: skip
def reach_first_value(
    onboarding_plan: Plan,
    *,
    on: Annotated[dt.date | None, Day(), _("On")] = None,
    what: Annotated[str, Text(200), _("What it was")] = "",
    by: Actor,
) -> Plan:
    """The customer has a first result of what they bought. Said once; by hand, by an event, or by a program."""
    return reached(onboarding_plan, on or timezone.localdate(), what, by)


def reached(plan: Plan, on: dt.date, what: str, by: Actor) -> Plan:
    """Write the first result down. Raises Invalid for a day that is to come."""
    if on > timezone.localdate():
        raise Invalid(__("A first result cannot be reached on a day that is still to come."), "on")
    with change(plan, by=by) as c:
        if c.row.first_value_on is None:
            c.row.first_value_on = on
            named = what or (c.row.first_value.name if c.row.first_value else __("by hand"))
            c.says(events.FirstValueReached(named, max((on - c.row.signed_on).days, 0), c.row.segment))
    return c.row


@action("onboarding.withdraw_first_value", needs="onboarding_plan.edit", label=_("First result not reached"), icon="undo",
        applies=lambda plan: plan.first_value_on is not None and plan.archived_at is None)  # fmt: skip
def withdraw_first_value(onboarding_plan: Plan, *, by: Actor) -> Plan:
    """It was not reached after all."""
    with change(onboarding_plan, by=by) as c:
        if c.row.first_value_on is not None:
            c.row.first_value_on = None
            c.says(events.FirstValueTakenBack())
    return c.row


@action("onboarding.stop", needs="onboarding_plan.edit", label=_("Stop it"), icon="ban", tone="late", applies=_running,
        done=_("{row} stopped"))  # fmt: skip
def stop(onboarding_plan: Plan, *, reason: Annotated[str, Text(300), _("Why")], by: Actor) -> Plan:
    """It does not go on, for a reason. What colleagues had to do for it is put away."""
    plan = _set_state(onboarding_plan, PlanState.STOPPED, events.Stopped(reason), by, reason)
    for step in Step.objects.filter(plan=plan, state=StepState.OPEN, archived_at=None).order_by("pk"):
        end_activity(step, StepState.SKIPPED, of_kith(by))
    return plan


@action("onboarding.resume", needs="onboarding_plan.edit", label=_("Go on"), icon="play",
        applies=lambda plan: plan.state == PlanState.STOPPED and plan.archived_at is None)  # fmt: skip
def resume(onboarding_plan: Plan, *, by: Actor) -> Plan:
    """It goes on; open steps of ours are to be done again, on the days that follow from today."""
    plan = _set_state(onboarding_plan, PlanState.RUNNING, events.Resumed(), by)
    for step in Step.objects.filter(plan=plan, state=StepState.OPEN, archived_at=None).order_by("pk"):
        step.activity_id = None
        with change(step, by=of_kith(by)) as c:
            c.row.activity_id = None
        write_step(c.row, of_kith(by))
    follow(Plan.objects.get(pk=plan.pk), by=of_kith(by))
    return Plan.objects.get(pk=plan.pk)


def _set_state(plan: Plan, state: str, event: Any, by: Actor, reason: str = "") -> Plan:
    with change(plan, by=by) as c:
        if c.row.state != state:
            c.row.state, c.row.reason = state, reason
            if state == PlanState.RUNNING:
                c.row.completed_on = None
            c.says(event)
    return c.row


# --- how much at risk it is


@action("onboarding.set_risk", needs="onboarding_plan.edit", label=_("Set the risk"), icon="alert", applies=_running,
        done=_("Check-ins follow the risk that you set."))  # fmt: skip
def set_risk(
    onboarding_plan: Plan,
    *,
    risk: Annotated[str, Choice(dict(Risk.choices)), _("Risk")],
    reason: Annotated[str, Text(300), _("Why")],
    until: Annotated[dt.date | None, Day(), _("Until; empty: until you let go of it")] = None,
    by: Actor,
) -> Plan:
    """It is as much at risk as you say, whatever is known of the customer, until the day you name. Raises Invalid."""
    if until is not None and until < timezone.localdate():
        raise Invalid(__("Name a day that is still to come, or none."), "until")
    return hold(onboarding_plan, Risk(risk), reason, until, by=by)


@action("onboarding.release_risk", needs="onboarding_plan.edit", label=_("Let the risk follow what is known"), icon="undo",
        applies=lambda plan: plan.risk_held and plan.is_running)  # fmt: skip
def release_risk(onboarding_plan: Plan, *, by: Actor) -> Plan:
    """Health, dates and complaints say again how much at risk it is."""
    return release(onboarding_plan, by=by)


# --- the customer's page


@action("onboarding.renew_link", needs="onboarding_plan.edit", label=_("New link to the customer's page"), icon="refresh",
        applies=lambda plan: plan.archived_at is None, done=_("The old link does not work any more."))  # fmt: skip
def renew_link(onboarding_plan: Plan, *, by: Actor) -> Plan:
    """A new link; those sent before end, for example because one came into wrong hands."""
    with change(onboarding_plan, by=by) as c:
        c.row.link_number += 1
        c.row.link_open = True
        c.says(events.LinkRenewed())
    return c.row


@action("onboarding.shut_link", needs="onboarding_plan.edit", label=_("Shut the customer's page"), icon="lock",
        applies=lambda plan: plan.link_open and plan.archived_at is None)  # fmt: skip
def shut_link(onboarding_plan: Plan, *, by: Actor) -> Plan:
    """Nobody opens it by a link until it is opened again."""
    return _set_link(onboarding_plan, False, events.LinkShut(), by)


@action("onboarding.open_link", needs="onboarding_plan.edit", label=_("Open the customer's page"), icon="key",
        applies=lambda plan: not plan.link_open and plan.archived_at is None)  # fmt: skip
def open_link(onboarding_plan: Plan, *, by: Actor) -> Plan:
    return _set_link(onboarding_plan, True, events.LinkOpened(), by)


def _set_link(plan: Plan, open_: bool, event: Any, by: Actor) -> Plan:
    with change(plan, by=by) as c:
        if c.row.link_open != open_:
            c.row.link_open = open_
            c.says(event)
    return c.row


def running_of(company: int | None, person: int | None) -> list[Plan]:
    """The plans on their way of a customer."""
    rows = Plan.objects.filter(RUNNING)
    rows = rows.filter(company=company) if company else rows.filter(person=person)
    return list(rows.order_by("pk"))
