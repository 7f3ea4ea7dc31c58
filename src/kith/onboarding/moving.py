"""A plan as it goes on: whenever a step is done, moved, added or put away, the days of what waits for it are worked out anew.

`listening.hear_steps` calls it for every event of a step, whichever way it came, and not while something is taken back: then
all of it goes back. What is written here changes due days alone, at which nothing is worked out again.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from django.utils import timezone
from django.utils.translation import gettext as _

from kith.activities.notices import notify
from kith.kernel.access.actor import Actor, system
from kith.kernel.calendars.queries import calendar_of
from kith.kernel.jobs import enqueue
from kith.kernel.records.registry import registry
from kith.kernel.timeline.change import change
from kith.onboarding import events
from kith.onboarding.dates import Node, end_of, schedule
from kith.onboarding.models import Kind, Plan, PlanState, Side, Step, StepState, keys_in
from kith.ui.dates import full as say_day

KIND = "onboarding"
# Columns of a step that people edit, at which what waits for it is worked out anew.
MOVES = frozenset({"after", "within", "kind", "key"})
CREEPING = dt.timedelta(days=7)  # between mails about the same delay that grows day by day
DUE_AT = dt.time(12)


def of_kith(by: Actor) -> Actor:
    """Kith acting for somebody, under their operation: what follows from a step may be more than they may change."""
    return replace(system(by.channel, cause=by.cause, name=by.name), operation=by.operation, user_id=by.user_id)


def follow(plan: Plan, *, by: Actor, creeping: bool = False) -> bool:
    """Bring a plan in line with its steps; returns whether any day moved. creeping: nobody did anything, a day passed."""
    if not plan.is_running:
        return False
    steps = list(Step.objects.filter(plan=plan, archived_at=None).order_by("position", "pk"))
    if _reach_milestones(steps, by):
        return True  # which brought the plan in line already, as every written step does
    today = timezone.localdate()
    nodes = [node(one) for one in steps if one.kind != Kind.CHECK_IN]
    due = schedule(nodes, plan.signed_on, today, calendar_of())
    later = _put(steps, due, by)
    moved = _put_end(plan, steps, end_of(nodes, due, today), later, by, creeping)
    _complete(plan, steps, by)
    return moved


def node(step: Step) -> Node:
    """A step as dates see it. What is fixed to a day counts from there."""
    return Node(step.key, tuple(keys_in(step.after)), step.within, step.fixed_on, step.done_on)


def _reach_milestones(steps: list[Step], by: Actor) -> bool:
    """A milestone is reached with the last of the steps it waits for, and not reached any more when one opens again. Returns
    whether one changed; the others follow from that."""
    by_key = {one.key: one for one in steps}
    for step in steps:
        waits = [by_key[key] for key in keys_in(step.after) if key in by_key]
        if step.kind != Kind.MILESTONE or not waits:
            continue
        all_done = all(one.state != StepState.OPEN for one in waits)
        if all_done == (step.state == StepState.DONE) or step.state == StepState.SKIPPED:
            continue
        with change(step, by=by) as c:
            c.row.state = StepState.DONE if all_done else StepState.OPEN
            c.row.done_on = (
                max((one.done_on for one in waits if one.done_on), default=timezone.localdate()) if all_done else None
            )
            c.says(events.StepDone(step.name, step.side) if all_done else events.StepReopened(step.name))
        return True
    return False


def _put(steps: list[Step], due: dict[str, dt.date], by: Actor) -> list[Step]:
    """Write new days down; returns the open steps that are due later than they were."""
    later = []
    for step in steps:
        day = due.get(step.key) if step.kind != Kind.CHECK_IN else step.fixed_on
        if step.state != StepState.OPEN or day is None or day == step.due_on:
            continue
        if step.due_on is not None and day > step.due_on and step.kind != Kind.CHECK_IN:
            later.append(step)
        with change(step, by=by) as c:
            c.row.due_on = day
            c.row.first_due_on = c.row.first_due_on or day
        step.due_on = day
        if step.activity_id:
            _move_activity(step, day, by)
    return later


def _move_activity(step: Step, day: dt.date, by: Actor) -> None:
    row = (
        registry["activity"].model._default_manager.filter(pk=step.activity_id, done_at=None, archived_at=None).first()
    )
    if row is not None and row.due_at != moment(day):
        with change(row, by=by) as c:
            c.row.due_at = moment(day)


def moment(day: dt.date) -> dt.datetime:
    """Noon of a day on the calendar's clocks: when what is to be done that day is due."""
    return dt.datetime.combine(day, DUE_AT, calendar_of().zone)


def _put_end(plan: Plan, steps: list[Step], end: dt.date | None, later: list[Step], by: Actor, creeping: bool) -> bool:
    old = plan.due_on
    if end == old and not later:
        return False
    with change(plan, by=by) as c:
        c.row.due_on = end
        if later and old is not None:
            held = [s.name for s in steps if s.state == StepState.OPEN and s.due_on and s.due_on < timezone.localdate()]
            c.says(events.Slipped(say_day(old), say_day(end) if end else "–", ", ".join(held[:3]) or later[0].name))
            quiet = creeping and c.row.told_on is not None and c.row.told_on > timezone.localdate() - CREEPING
            c.row.to_tell = c.row.to_tell or not quiet
    plan.due_on, plan.to_tell = c.row.due_on, c.row.to_tell
    if later and old is not None:
        _tell_ours(plan, by)
    return True


def _tell_ours(plan: Plan, by: Actor) -> None:
    """Tell the owner at once, the customer by a job, each at most once a day."""
    today = timezone.localdate()
    if plan.owner is not None and plan.owner_id != by.user_id:
        words = _("%(name)s: dates moved, it is done on %(day)s now.") % {
            "name": plan.name,
            "day": say_day(plan.due_on),
        }
        notify(
            [plan.owner],
            words,
            kind=KIND,
            key=f"onboarding.slipped:{plan.pk}:{today}",
            by=by,
            about=("onboarding_plan", plan.pk),
        )
    if plan.to_tell:
        enqueue("onboarding.tell", plan=plan.pk)


def _complete(plan: Plan, steps: list[Step], by: Actor) -> None:
    """It is complete with the last step that is no check-in."""
    own = [one for one in steps if one.kind != Kind.CHECK_IN]
    if not own or any(one.state == StepState.OPEN for one in own):
        return
    with change(plan, by=by) as c:
        c.row.state, c.row.completed_on = PlanState.DONE, max(one.done_on or timezone.localdate() for one in own)
        c.says(events.Completed(days=(c.row.completed_on - c.row.signed_on).days))


def ours(step: Step) -> bool:
    """Is it something that a colleague has to do?"""
    return step.side == Side.OURS and step.kind != Kind.MILESTONE
