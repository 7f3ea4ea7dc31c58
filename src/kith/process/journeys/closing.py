"""How journeys end, and how they go on: ended with a reason, taken up again, come back as a new one, joined with another."""

from __future__ import annotations

import dataclasses
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from kith.kernel.access.actor import Actor, system
from kith.kernel.errors import Invalid, NeedsInput
from kith.kernel.timeline.change import change
from kith.process.events import JourneyClosed, JourneyReopened
from kith.process.journeys.branching import branch_of
from kith.process.journeys.carrying import catch_up
from kith.process.journeys.customers import BEARERS, running_of
from kith.process.journeys.entering import enter, entered
from kith.process.journeys.moving import Step, move_row
from kith.process.models import RUNNING, Journey, Outcome
from kith.process.versions import definition_of


def close(journey: Journey, *, outcome: str, reason: str, by: Actor) -> Journey:
    """End a journey. Raises NeedsInput without a reason: what nobody wrote down nobody learns from."""
    with change(journey, by=by) as c:
        row: Journey = c.row
        if not row.is_running:
            return row
        if not reason:
            raise NeedsInput(_("Say why this relationship ends."), ("reason",))
        end(row, outcome, reason)
        c.says(JourneyClosed(outcome, reason, row.stage))
    return c.row


def end(row: Journey, outcome: str, reason: str) -> None:
    row.closed_at, row.outcome, row.reason = timezone.now(), outcome, reason
    row.due_at = row.warn_at = None


def reopen(journey: Journey, *, by: Actor) -> Journey:
    """Go on where it ended, under the version in force by now and with the clocks of its stage begun afresh."""
    with change(journey, by=by) as c:
        row: Journey = c.row
        if row.closed_at is None:
            return row
        other = running_of("company", row.company_id) if row.company_id else running_of("person", row.person_id or 0)
        if other is not None:
            raise Invalid(_("%s is on another journey by now.") % row.name)
        if row.person is not None and row.person.company_id is not None:
            raise Invalid(_("%s belongs to a company; the journey is that of the company.") % row.name)
        catch_up(row)  # what is said names version and stage
        row.segment = branch_of(row)
        definition = definition_of(row.process_id, row.held_to)
        stage = definition.by_key[row.stage]
        row.closed_at, row.outcome, row.reason = None, "", ""
        enter(row, definition, stage, timezone.now())
        c.says(JourneyReopened(**entered(row, stage)))
    return c.row


def join(journey: Journey, into: Journey, *, by: Actor) -> None:
    """Two customers turn out to be one: the journey ends in the other, which stands where the further of both stood."""
    if journey.process_id == into.process_id:
        definition = definition_of(into.process_id, into.held_to)
        stage = definition.by_key.get(journey.stage)
        if stage and definition.order[stage.key] > definition.order.get(into.stage, -1):
            with change(into, by=by) as c:
                words = _("%s had come this far") % journey.name
                c.says(move_row(c.row, definition, stage, timezone.now(), Step(reason=words)))
    with change(journey, by=by) as c:
        end(c.row, Outcome.JOINED, into.name)
        c.says(JourneyClosed(Outcome.JOINED, into.name, c.row.stage))
        for record, pk in into.about():
            c.about(record, pk)


def join_before_merge(record: Any, keep: Any, others: list[Any], by: Actor) -> None:
    """Customers who become one row go one way: journeys of the others end in the one that the survivor is on."""
    if record.name not in BEARERS:
        return
    own = dataclasses.replace(system(), operation=by.operation)
    into = running_of(record.name, keep.pk)
    for journey in Journey.objects.filter(RUNNING, **{f"{record.name}__in": others}).order_by("-step", "pk"):
        if into is None:
            into = journey  # the survivor was on none: this one becomes its own
        elif journey.pk != into.pk:
            join(journey, into, by=own)
            into.refresh_from_db()
