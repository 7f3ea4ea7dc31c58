"""What entering a stage means for a journey's own columns; the same for one journey and for thousands."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Q, QuerySet

from kith.kernel.access.actor import system
from kith.kernel.lookups.compile import compile_tree
from kith.kernel.lookups.tree import parse
from kith.kernel.records.registry import registry
from kith.process import clock
from kith.process.definition.shape import Definition, Rule, Stage
from kith.process.journeys.customers import Customer
from kith.process.journeys.silence import listen
from kith.process.models import Journey
from kith.process.versions import InForce


def begin(
    customer: Customer, running: InForce, *, at: dt.datetime, segment: str, earlier: Journey | None = None
) -> Journey:
    """A journey of this customer, not yet saved, standing where journeys begin."""
    journey = Journey(process=running.process, held_to=running.number, segment=segment, opened_at=at, earlier=earlier)
    setattr(journey, customer.ref[0], customer.row)
    bear(journey, customer.row)
    enter(journey, running.definition, running.definition.first, at)
    return journey


def bear(journey: Journey, row: Any) -> None:
    """The name, owner and team of its customer, and when the last word with them was."""
    journey.name, journey.owner_id, journey.team_id = str(row)[:300], row.owner_id, row.team_id
    journey.touched_at = row.last_touch_at


def enter(journey: Journey, definition: Definition, stage: Stage, at: dt.datetime) -> None:
    """Stand in this stage since `at`, with the clocks that begin then."""
    journey.stage, journey.step, journey.entered_at, journey.told = stage.key, stage.step, at, 0
    journey.wanted = ""
    journey.due_at = clock.due(definition, stage, journey.segment, at)
    journey.warn_at = clock.warns(definition, stage, journey.due_at)
    listen(journey, definition, stage)


def entered(journey: Journey, stage: Stage) -> dict[str, Any]:
    """What every event of entering tells."""
    due = journey.due_at.isoformat() if journey.due_at else ""
    return {"stage": stage.key, "stage_name": stage.name, "step": stage.step, "version": journey.held_to, "due": due}


def segments_of(definition: Definition, customers: list[Customer]) -> dict[tuple[str, int], str]:
    """The segment of each customer: the first whose rule holds. One query for each segment and kind of customer."""
    out: dict[tuple[str, int], str] = {}
    for segment in definition.segments:
        rest = [c.ref for c in customers if c.ref not in out]
        out |= dict.fromkeys(meeting(segment.rule, rest), segment.key)
    return out


def meeting(rule: Rule, refs: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """Those of these customers of whom a row meets the rule: they themselves, or what belongs to them."""
    found: list[tuple[str, int]] = []
    for bearer in ("company", "person"):
        pks = [pk for record_name, pk in refs if record_name == bearer]
        rows = rows_meeting(rule, bearer) if pks else None
        if rows is not None:
            path = PATHS[rule.of, bearer]
            found += [
                (bearer, pk) for pk in rows.filter(**{f"{path}__in": pks}).values_list(path, flat=True).distinct()
            ]
    return found


def rows_meeting(rule: Rule, bearer: str) -> QuerySet[Any] | None:
    """The rows that meet the rule and may belong to customers of this kind; None where there can be none."""
    record, path = registry[rule.of], PATHS.get((rule.of, bearer))
    compiled = compile_tree(record, parse(rule.where), system())
    if compiled.broken or path is None:
        return None
    return compiled.apply(record.model._default_manager.filter(archived_at__isnull=True))


def who_meet(rule: Rule) -> Q:
    """The same as a condition on journeys, for those whose customer meets the rule."""
    out = Q(pk__in=[])
    for bearer in ("company", "person"):
        rows = rows_meeting(rule, bearer)
        if rows is not None:
            path = PATHS[rule.of, bearer]
            out |= Q(**{f"{bearer}__in": rows.filter(**{f"{path}__isnull": False}).order_by().values(path)})
    return out


# How rows of a type point at the customer they belong to.
PATHS = {
    ("company", "company"): "pk", ("person", "company"): "company_id", ("deal", "company"): "company_id",
    ("journey", "company"): "company_id", ("person", "person"): "pk", ("deal", "person"): "contact_id",
    ("journey", "person"): "person_id",
}  # fmt: skip
