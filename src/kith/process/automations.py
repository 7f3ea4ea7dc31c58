"""What a stage does by itself: its automations on entry, exit and when its clock ran out.

A reader of the timeline, a moment after the event: the action runs for the customer (or the journey, for its own verbs), and
what it could not do is told on the timeline instead of being lost.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from kith.kernel.access.actor import Actor, system
from kith.kernel.calendars.span import parse_span
from kith.kernel.errors import Invalid, KithError
from kith.kernel.kinds import Moment
from kith.kernel.records.action import ACTIONS, Action, perform
from kith.kernel.timeline.change import change
from kith.kernel.timeline.models import Delivery, Event
from kith.process.clock import calendar_for
from kith.process.definition.shape import Automation, Definition
from kith.process.events import AutomationFailed
from kith.process.models import Journey
from kith.process.versions import definition_of, in_use

READER, BATCH = "process", 100
MOMENTS = {
    "journey.created": (("entry", "stage"),), "journey.moved": (("exit", "old"), ("entry", "stage")),
    "journey.closed": (("exit", "stage"),), "journey.overdue": (("overdue", "stage"),),
}  # fmt: skip


def handles(verb: str) -> bool:
    """Does any process in use do something by itself then?"""
    moments = {moment for moment, _key in MOMENTS.get(verb, ())}
    every = (a for one in in_use().values() for s in one.definition.stages for a in s.automations) if moments else ()
    return any(a.moment in moments for a in every)


def run_waiting() -> int:
    """Run what waits, batch by batch; returns how many events were seen to. Two of it share the work."""
    done = 0
    while True:
        with transaction.atomic():
            rows = Delivery.objects.select_for_update(skip_locked=True).filter(reader=READER, done_at=None)
            waiting = list(rows.order_by("id")[:BATCH])
            events = Event.objects.in_bulk([d.event_id for d in waiting])
            for delivery in waiting:
                if event := events.get(delivery.event_id):
                    run_for(event)
            Delivery.objects.filter(pk__in=[d.pk for d in waiting]).update(done_at=timezone.now())
        done += len(waiting)
        if len(waiting) < BATCH:
            return done


def run_for(event: Event) -> None:
    """What the stages that this event entered, left or overran do by themselves."""
    journey = Journey.objects.filter(pk=event.record_id, archived_at__isnull=True).first()
    if journey is None:
        return
    definition = definition_of(journey.process_id, event.payload.get("version") or journey.held_to)
    by = system(cause=event.pk)
    for moment, key in MOMENTS.get(event.verb, ()):
        stage = definition.by_key.get(event.payload.get(key, ""))
        for automation in stage.automations if stage else ():
            if automation.moment == moment:
                _run(automation, definition, journey, by)


def _run(automation: Automation, definition: Definition, journey: Journey, by: Actor) -> None:
    try:
        with transaction.atomic():
            action = ACTIONS.get(automation.do)
            if action is None:
                raise Invalid(_("there is no action “%s” any more") % automation.do)
            row = journey if action.name.startswith("journey.") else journey.customer
            perform(action, row, _inputs(action, automation, definition), by=by)
    except KithError as problem:
        with change(journey, by=by) as c:
            c.says(AutomationFailed(automation.says or automation.do, problem.message))


def _inputs(action: Action, automation: Automation, definition: Definition) -> dict[str, Any]:
    """Raw inputs; a moment may be said as a span from now ("2 business days")."""
    out: dict[str, Any] = dict(automation.inputs)
    for one in action.inputs:
        if isinstance(one.kind, Moment) and one.key in out:
            try:
                span = parse_span(out[one.key])
            except Invalid:
                continue  # a date then, which the action reads itself
            out[one.key] = span.after(timezone.now(), calendar_for(definition)).isoformat()
    return out


def faults_of(automation: Automation) -> str:
    """Why this cannot run, in a sentence; "" when it can."""
    action = ACTIONS.get(automation.do)
    if action is None:
        return _("“%s” is no action of Kith.") % automation.do
    known = [i.key for i in action.inputs if not i.given]
    for key in automation.inputs:
        if key not in known:
            return _("“%(do)s” has no input “%(key)s”; it has: %(known)s.") % {
                "do": automation.do, "key": key, "known": ", ".join(known) or _("none")}  # fmt: skip
    lacks = [i.key for i in action.inputs if i.required and not i.given and i.key not in automation.inputs]
    return _("“%(do)s” needs: %(lacks)s.") % {"do": automation.do, "lacks": ", ".join(lacks)} if lacks else ""
