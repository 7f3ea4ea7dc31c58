"""Those who are held back until a day comes: "renews in the next 30 days" becomes true though nothing happens with anybody.

Only stages whose rule, or strict gate, looks at the calendar are asked about, and of those who wait for them only whoever
meets those rules by now is read: where nobody's day came that is one question for each such stage.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.db import transaction
from django.db.models import QuerySet

from kith.kernel.access.actor import system
from kith.kernel.errors import KithError
from kith.kernel.lookups.passing import moves_by_itself
from kith.kernel.lookups.tree import parse
from kith.kernel.organisation.models import cached
from kith.kernel.records.registry import registry
from kith.process.definition.shape import STRICT, Definition, Rule, Stage
from kith.process.events import TIME
from kith.process.gates import strict_of
from kith.process.journeys.advancing import let_on
from kith.process.journeys.entering import who_meet
from kith.process.models import RUNNING, Journey
from kith.process.versions import in_use

BATCH = 1000


def let_go_on() -> int:
    """Let those go on whose day has come; returns how many did."""
    moved = 0
    for waiting in _waiting() if _looks_at_the_calendar() else ():
        moved += _open(waiting)
    return moved


def _looks_at_the_calendar() -> bool:
    """Is there any rule at all that time may make true? Asked once per change of settings."""
    found: bool = cached("process:by-time", lambda: any(_any(one.definition) for one in in_use().values()))
    return found


def _any(definition: Definition) -> bool:
    every = (rule for s in definition.stages for rule in (s.entry, *(_rules(s) if s.gate == STRICT else ())))
    return any(_moves(rule) for rule in every if rule is not None)


def _waiting() -> Iterator[QuerySet[Journey]]:
    """Those who wait for the same stage from the same place, as far as they meet every rule that lies before it."""
    running = {(pk, one.number): one.definition for pk, one in in_use().items()}
    held = Journey.objects.filter(RUNNING, process__in=[pk for pk, _number in running]).exclude(wanted="")
    groups = held.order_by("process_id", "stage", "wanted", "segment").distinct()
    for process, number, stage, segment, wanted in groups.values_list(
        "process_id", "held_to", "stage", "segment", "wanted"
    ):
        definition = running.get((process, number))
        if definition is None or wanted not in definition.by_key or stage not in definition.by_key:
            continue
        rules = _before(definition, definition.by_key[stage], definition.by_key[wanted], segment)
        if any(_moves(rule) for rule in rules):
            rows = held.filter(process=process, held_to=number, stage=stage, segment=segment, wanted=wanted)
            for rule in rules:
                rows = rows.filter(who_meet(rule))
            yield rows


def _before(definition: Definition, here: Stage, to: Stage, segment: str) -> list[Rule]:
    """The rules that must hold on the way: of strict gates where it stands and on the way, and of who may enter."""
    shut = [
        *([here] if here.gate == STRICT else []),
        *strict_of(definition, definition.skipped(here.key, to.key, segment)),
    ]
    return [*(rule for stage in shut for rule in _rules(stage)), *([to.entry] if to.entry else [])]


def _rules(stage: Stage) -> list[Rule]:
    return [need.rule for need in stage.needs if need.by == "rule" and need.rule is not None]


def _moves(rule: Rule) -> bool:
    try:
        return moves_by_itself(registry[rule.of], parse(rule.where))
    except KithError:
        return False  # what cannot be read any more is named by Settings, Process


def _open(rows: QuerySet[Journey]) -> int:
    """A thousand at a time, each with a transaction of its own; whoever is held by something else is passed over."""
    moved, last = 0, 0
    while True:
        with transaction.atomic():
            some = list(rows.filter(pk__gt=last).order_by("pk").select_for_update(of=("self",))[:BATCH])
            moved += let_on(some, TIME, system())
        if len(some) < BATCH:
            return moved
        last = some[-1].pk
