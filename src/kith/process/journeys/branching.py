"""The segment of a relationship follows what is known of its customer: when a field changes that a rule of a segment asks,
when a version is put in force, and when a relationship is taken up again. Its clock is then that of its segment."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Case, CharField, Value, When
from django.utils import timezone

from kith.kernel.access.actor import Actor, system
from kith.kernel.errors import KithError
from kith.kernel.lookups.tree import parse
from kith.kernel.organisation.models import cached
from kith.kernel.timeline.change import change_many
from kith.kernel.timeline.write import Entry
from kith.process import clock
from kith.process.definition.shape import Definition, Rule
from kith.process.events import SegmentChanged
from kith.process.journeys.clocks import told_by
from kith.process.journeys.customers import BEARERS, Customer, customers_of
from kith.process.journeys.entering import segments_of, who_meet
from kith.process.models import Journey
from kith.process.versions import definition_of, in_use

LINKS = {"person": {"company"}, "deal": {"company", "contact"}}  # whose rows they are
SETTLED = "company.created"  # its journey is opened with its segment


def handles(verb: str) -> bool:
    """Is this about rows of a kind that a rule of a segment asks?"""
    return verb != SETTLED and verb.partition(".")[0] in _asked()


def hear(entries: list[Entry], by: Actor) -> None:
    """Look again at the customers of whom something changed that a rule asks; nothing for whom nothing did."""
    asked = _asked()
    told = [e for e in entries if asked.get(e.record, frozenset()) & set(e.changes)]
    refs = {ref for e in told for ref in [(e.record, e.record_id), *e.about] if ref[0] in BEARERS}
    if refs:
        journeys = [c.journey for c in customers_of(refs) if c.journey is not None]
        resegment(journeys, dataclasses.replace(system(cause=told[0].id), operation=by.operation))


def _asked() -> dict[str, frozenset[str]]:
    """{record type: columns that a rule of a segment asks of it}, of every process in use; kept until settings change."""
    made: dict[str, frozenset[str]] = cached("process:asked-by-segments", _read)
    return made


def _read() -> dict[str, frozenset[str]]:
    out: dict[str, set[str]] = {}
    for rule in (s.rule for one in in_use().values() for s in one.definition.segments):
        out.setdefault(rule.of, set(LINKS.get(rule.of, ()))).update(_columns(rule))
    return {record: frozenset(columns) for record, columns in out.items()}


def _columns(rule: Rule) -> set[str]:
    try:
        return {condition.column for condition in parse(rule.where).conditions()}
    except KithError:
        return set()  # what cannot be read any more is named by Settings, Process


def resegment(journeys: Sequence[Journey], by: Actor) -> int:
    """Put these into the segment that is theirs by now; returns how many changed. A query for each segment of each version
    that they are held to."""
    meant: dict[int, str] = {}
    groups: dict[tuple[int, int], list[Journey]] = {}
    for journey in journeys:
        if journey.is_running:
            groups.setdefault((journey.process_id, journey.held_to), []).append(journey)
    for key, some in groups.items():
        refs = {j.pk: _ref(j) for j in some}
        found = segments_of(definition_of(*key), [Customer(ref, None) for ref in refs.values()])
        meant |= {j.pk: found.get(refs[j.pk], "") for j in some if found.get(refs[j.pk], "") != j.segment}
    rows = Journey.objects.filter(pk__in=list(meant)).order_by("pk")
    return change_many(rows, lambda row: turn(row, meant[row.pk]), by=by) if meant else 0


def turn(row: Journey, segment: str) -> list[SegmentChanged]:
    """Go the way of this segment from now on; what is to be said of it."""
    definition = definition_of(row.process_id, row.held_to)
    names = {s.key: s.name for s in definition.segments}
    stage, old, row.segment = definition.by_key.get(row.stage), row.segment, segment
    if stage is not None:
        row.due_at = clock.due(definition, stage, segment, row.entered_at)
        row.warn_at = clock.warns(definition, stage, row.due_at)
        row.told = min(row.told, told_by(row, timezone.now()))  # a clock that runs longer now has not run out
    due = row.due_at.isoformat() if row.due_at else ""
    return [SegmentChanged(segment, names.get(segment, ""), old, names.get(old, old), due)]


def branch_of(row: Journey) -> str:
    """The segment of one, as of now."""
    ref = _ref(row)
    return segments_of(definition_of(row.process_id, row.held_to), [Customer(ref, None)]).get(ref, "")


def _ref(row: Journey) -> tuple[str, int]:
    [ref] = row.about()
    return ref


def branch(definition: Definition) -> Case:
    """The segment of each under this definition as an expression, for thousands of journeys."""
    whens: Iterable[Any] = (When(who_meet(s.rule), then=Value(s.key)) for s in definition.segments)
    return Case(*whens, default=Value(""), output_field=CharField())
