"""Verbs of journeys: move, tick, end, take up again, come back, hand over. The rules stand in `journeys/` and `gates.py`."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from django.utils import timezone
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.activities.writing import plan_task
from kith.kernel.access.actor import Actor
from kith.kernel.calendars.queries import calendar_of
from kith.kernel.errors import Invalid, InvalidMany
from kith.kernel.kinds import Choice, Moment, Text
from kith.kernel.records.action import GIVEN, LATER, action
from kith.kernel.records.registry import registry
from kith.kernel.timeline.change import change
from kith.kernel.timeline.sides import Sides
from kith.process.events import NeedMet, NeedOpened
from kith.process.gates import ref_of
from kith.process.journeys import changing, closing, moving
from kith.process.journeys.customers import Customer, customers_of
from kith.process.journeys.offers import StageOver
from kith.process.journeys.opening import open_journeys
from kith.process.kinds import ProcessKey, StageOfIts
from kith.process.models import Journey, Outcome, Tick
from kith.process.versions import definition_of, in_use

ENDS = {key: label for key, label in Outcome.choices if key != Outcome.JOINED}


def create(values: dict[str, Any], *, by: Actor, at: dt.datetime | None = None) -> Journey:
    """Open a journey by hand, for a customer who is on none, in the process that is for them. Raises InvalidMany."""
    if not in_use():
        raise Invalid(__("No process is published yet; publish one under Settings, Process."))
    given = [(record, values[record]) for record in ("company", "person") if values.get(record)]
    if len(given) != 1:
        raise InvalidMany({"company": [__("A journey is that of one company, or of one person without a company.")]})
    [(record, row)] = given
    found: list[Customer] = customers_of([(record, row.pk)])
    if not found or found[0].ref[0] != record:
        raise InvalidMany({record: [__("%s belongs to a company; the journey is that of the company.") % row]})
    if found[0].journey is not None:
        raise InvalidMany({record: [__("%s is on a journey already.") % row]})
    [opened] = open_journeys(found, at={found[0].ref: at or timezone.now()}, on="", by=by)
    if opened.journey is None:
        raise Invalid(__("No process is for %s; choose under Settings, Process where new customers start.") % row)
    return opened.journey


def _running(journey: Journey) -> bool:
    return journey.is_running


@action("journey.move", needs="journey.edit", label=_("Move to stage"), icon="map", applies=_running, many=True,
        done=_("{row} moved"), key="m")  # fmt: skip
def move(
    journey: Journey,
    *,
    stage: Annotated[str, StageOfIts(), _("Stage")],
    reason: Annotated[str, Text(300), _("Why all the same"), LATER] = "",
    at: Annotated[dt.datetime | None, Moment(), _("When, if earlier")] = None,
    by: Actor,
) -> Journey:
    """To another stage. What the gate misses and which stages are skipped is said; with `reason` it goes on all the same
    where the gate is soft. `at` dates the move back and needs a reason as well."""
    return moving.move(journey, stage=stage, reason=reason, at=at, by=by)


def _change_many(rows: list[Journey], *, refused: Any = None, by: Actor, **inputs: Any) -> int:
    return len(changing.change_process(rows, **inputs, by=by, refused=refused))


@action("journey.change_process", needs="journey.edit", label=_("Move to another process"), icon="loop",
        applies=lambda j: j.is_running and len(in_use()) > 1, many=_change_many, done=_("{row} goes on in another process"))  # fmt: skip
def change_process(
    journey: Journey,
    *,
    process: Annotated[str, ProcessKey(), _("Process")],
    stage: Annotated[str, StageOver(), _("Stage, if another than said"), LATER] = "",
    reason: Annotated[str, Text(300), _("Why"), LATER] = "",
    by: Actor,
) -> Journey:
    """It goes on in another process, as a journey of its own that knows the earlier one. Without `stage` it lands in that
    with the same key or number, else in the first, and never beyond a strict gate that is closed there. Without `reason` it is said where it would land, with which clock and
    gate, and nothing is done. Returns the new journey."""
    if not reason:
        to = changing.process_called(process)
        raise moving.why_not(changing.foreseen(journey, to, stage))
    [made] = changing.change_process([journey], process=process, stage=stage, reason=reason, by=by)
    return made


@action("journey.close", needs="journey.edit", label=_("End this relationship"), icon="x", applies=_running, many=True,
        done=_("{row} ended"))  # fmt: skip
def close(
    journey: Journey,
    *,
    outcome: Annotated[str, Choice(ENDS), _("How it ended")],
    reason: Annotated[str, Text(300), _("Why")],
    by: Actor,
) -> Journey:
    """It ends for now, with a reason; the customer may come back."""
    return closing.close(journey, outcome=outcome, reason=reason, by=by)


@action("journey.reopen", needs="journey.edit", label=_("Take up again"), icon="undo",
        applies=lambda j: j.closed_at is not None and j.outcome != Outcome.JOINED)  # fmt: skip
def reopen(journey: Journey, *, by: Actor) -> Journey:
    """It had not ended after all: it goes on in the stage where it stood."""
    return closing.reopen(journey, by=by)


@action("journey.come_back", needs="journey.edit", label=_("Came back"), icon="loop",
        applies=lambda j: j.closed_at is not None)  # fmt: skip
def come_back(journey: Journey, *, by: Actor) -> Journey:
    """The customer comes back: a new journey begins, which knows the earlier one."""
    customer = journey.customer
    record = "company" if journey.company_id else "person"
    return create({record: customer}, by=by)


def _need(journey: Journey, key: str) -> Any:
    stage = definition_of(journey.process_id, journey.held_to).by_key[journey.stage]
    found = next((n for n in stage.needs if n.key == key), None)
    if found is None or found.by != "hand":
        known = ", ".join(n.key for n in stage.needs if n.by == "hand") or __("none")
        raise Invalid(__("“%(key)s” is nothing to tick in %(stage)s; there is: %(known)s.") % {
            "key": key, "stage": stage.name, "known": known}, "need")  # fmt: skip
    return found


@action("journey.tick", needs="journey.edit", label=_("Tick"), icon="check", applies=_running)
def tick(journey: Journey, *, need: Annotated[str, Text(60), _("What is met"), GIVEN], by: Actor) -> Journey:
    """Something that the gate asks for and that only people can see is met."""
    with change(journey, by=by) as c:
        found = _need(c.row, need)
        side = Sides(Tick.objects.filter(journey=c.row, stage=c.row.stage, need=need))
        _made, fresh = Tick.objects.get_or_create(
            journey=c.row, stage=c.row.stage, need=need, defaults={"by_name": by.name[:200]}
        )
        if fresh:
            c.says(NeedMet(found.says, sides=side.touched()))
    return c.row


@action("journey.untick", needs="journey.edit", label=_("Take the tick away"), icon="undo", applies=_running)
def untick(journey: Journey, *, need: Annotated[str, Text(60), _("What is not met"), GIVEN], by: Actor) -> Journey:
    """It was not met after all."""
    with change(journey, by=by) as c:
        found = _need(c.row, need)
        rows = Tick.objects.filter(journey=c.row, stage=c.row.stage, need=need)
        side = Sides(rows)
        if rows.delete()[0]:
            c.says(NeedOpened(found.says, sides=side.touched()))
    return c.row


@action("journey.plan_move", needs="activity.create", label=_("Plan a move"), icon="check", applies=_running,
        done=_("It is on the list."))  # fmt: skip
def plan_move(
    journey: Journey,
    *,
    subject: Annotated[str, Text(300), _("What")],
    due: Annotated[dt.datetime | None, Moment(), _("When")] = None,
    by: Actor,
) -> Journey:
    """A move of the playbook becomes a task about the customer, for whoever plans it; without a date for the next working day."""
    record, pk = ref_of(journey)
    plan_task(
        registry[record].get(by, pk), subject=subject, due=due or calendar_of().add_days(timezone.now(), 1), by=by
    )
    return journey
