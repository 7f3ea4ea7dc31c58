"""Starting runs: by events as they are told, by other workflows, by hand. Nothing is started twice by the same thing:
`key` says what started a run and is unique within its workflow.
"""

from __future__ import annotations

import datetime as dt
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import BooleanField, DateTimeField, ExpressionWrapper, F, Q, QuerySet, Value
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from kith.automation.cancelling import cancel_many
from kith.automation.chains import Chain
from kith.automation.models import GOES_ON, OPEN_STATES, Matched, Run, RunState, RunStep, StepState, Workflow
from kith.automation.queries import Live, author_of, live, paused, published, version_held, workflow_named
from kith.automation.triggers import OnBecoming, OnEvent
from kith.kernel.access.actor import Actor
from kith.kernel.database.notify import announce
from kith.kernel.errors import Invalid
from kith.kernel.jobs import enqueue
from kith.kernel.lookups.compile import compile_tree, filtered
from kith.kernel.lookups.tree import parse
from kith.kernel.timeline.ids import uuid7
from kith.kernel.timeline.models import Event, EventLink

HISTORY = dt.timedelta(days=1)  # an event told so much later than it happened is history and starts nothing
HOUR = dt.timedelta(hours=1)
Heard = dict[tuple[str, str], list[tuple[int, Event, int]]]  # by record type and verb: place, event, row
MOST_HELD = 10  # times the runs of an hour that may wait for their hour; more looks like a mistake


@dataclass
class Start:
    """One run to begin: about which row, because of what."""

    key: str
    record: str = ""
    row: int | None = None
    cause: UUID = field(default_factory=uuid7)
    refused: str = ""  # why it is only noted
    payload: dict[str, Any] = field(default_factory=dict)
    held_to: int | None = None  # no younger version than this; None for the one that counts now


def start_by_events(events: list[Event]) -> int:
    """Start what these events start, and wake what waits for them; returns how many runs began."""
    fresh = [e for e in events if e.recorded_at - e.at < HISTORY]
    if not fresh:
        return 0
    links = list(
        EventLink.objects.filter(event__in=[e.pk for e in fresh]).values_list("event_id", "record", "record_id")
    )
    by_id = {e.pk: e for e in fresh}
    if paused():
        wake_for(by_id, links)
        return 0
    chains: dict[UUID, Chain] = {}
    begun = 0
    heard = _heard(by_id, links)
    told = {one.workflow.pk: _told(one, heard) for one in live()}
    wanted = [(one, _rows(one, told[one.workflow.pk])) for one in live() if told[one.workflow.pk]]
    for one, meeting in sorted(
        meeting_each(wanted), key=lambda pair: pair[0].workflow.pk
    ):  # always locked in this order
        begun += begin(one, _starts(one, told[one.workflow.pk], meeting, chains))
    wake_for(by_id, links)
    return begun


def _heard(events: dict[UUID, Event], links: list[tuple[UUID, str, int]]) -> Heard:
    """What was told of each type of record by each verb, once for the many workflows that listen to the same."""
    heard: Heard = {}
    for n, (pk, record, row) in enumerate(links):
        event = events[pk]
        heard.setdefault((record, event.verb), []).append((n, event, row))
    return heard


def _told(one: Live, heard: Heard) -> list[tuple[Event, int]]:
    """(event, row) of what may start this workflow: its verbs, on rows of its type, since it was switched on."""
    trigger, since = one.trigger, one.workflow.since
    if not isinstance(trigger, OnEvent | OnBecoming):
        return []
    found = sorted(each for verb in trigger.verbs() for each in heard.get((one.definition.record, verb), ()))
    told = [(e, row) for _n, e, row in found if since is None or e.recorded_at >= since]
    return [(e, row) for e, row in told if not isinstance(trigger, OnEvent) or trigger.hears(e)]


def _rows(one: Live, told: list[tuple[Event, int]]) -> set[int]:
    rows = {row for _e, row in told}
    return begun_to_match(one, rows) if isinstance(one.trigger, OnBecoming) else rows


def _starts(one: Live, told: list[tuple[Event, int]], meeting: set[int], chains: dict[UUID, Chain]) -> list[Start]:
    """A run for each row that meets the condition, with the event as its cause."""
    out, seen = [], set()
    for event, row in told:
        if row not in meeting or (isinstance(one.trigger, OnBecoming) and row in seen):
            continue
        seen.add(row)
        refused = ""
        if event.cause is not None:
            chain = chains.setdefault(event.cause, Chain(event.cause))
            refused = chain.refuses(one.workflow.pk, one.definition.record, row)
        held = one.trigger.version_at(event) if isinstance(one.trigger, OnEvent) else None
        out.append(Start(f"event:{event.pk}:{row}", one.definition.record, row, event.pk, refused, held_to=held))
    return out


def meeting_each(wanted: list[tuple[Live, set[int]]]) -> list[tuple[Live, set[int]]]:
    """For each workflow those of its rows that meet its condition: one query for all that have the same type of record
    and author, because many workflows listen to the same events."""
    out: list[tuple[Live, set[int]]] = []
    groups: dict[tuple[str, int | None], list[tuple[Live, set[int]]]] = {}
    for one, rows in wanted:
        groups.setdefault((one.definition.record, one.workflow.author_id), []).append((one, rows))
    for group in groups.values():
        out += _meeting_group(group)
    return out


def _meeting_group(group: list[tuple[Live, set[int]]]) -> list[tuple[Live, set[int]]]:
    record, by = group[0][0].trigger.record, author_of(group[0][0].workflow)
    if len(group) == 1 or record is None or by is None:
        return [(one, those_meeting(one, rows)) for one, rows in group]
    found = record.rows(by).filter(pk__in=set().union(*(rows for _one, rows in group)))
    asked: dict[str, Live] = {}
    for n, (one, _rows_of) in enumerate(group):
        compiled = compile_tree(record, parse(one.definition.condition), by, few=True)
        if compiled.broken:
            switch_off(one.workflow, _("Its condition cannot be used any more: %s") % compiled.broken[0][1])
            continue
        found = found.alias(**{k: v for k, v in compiled.computed.items() if k not in found.query.annotations})
        met = ExpressionWrapper(compiled.q, output_field=BooleanField()) if compiled.q else Value(True)
        found, asked[f"meets_{n}"] = found.annotate(**{f"meets_{n}": met}), one
    meeting: dict[int, set[int]] = {one.workflow.pk: set() for one in asked.values()}
    for row in found.values("pk", *asked):
        for name, one in asked.items():
            if row[name]:
                meeting[one.workflow.pk].add(row["pk"])
    return [(one, rows & meeting[one.workflow.pk]) for one, rows in group if one.workflow.pk in meeting]


def those_meeting(one: Live, rows: Iterable[int]) -> set[int]:
    """Those of the rows that meet the workflow's condition and that its author may see."""
    rows, by, record = list(rows), author_of(one.workflow), one.trigger.record
    if by is None or record is None:
        return set(rows)  # the run itself says that the author has left
    found = record.rows(by, archived=None).filter(pk__in=rows)
    try:
        found = filtered(record, parse(one.definition.condition), by, found, few=True)
    except Invalid as problem:
        switch_off(one.workflow, _("Its condition cannot be used any more: %s") % problem.message)
        return set()
    return set(found.values_list("pk", flat=True))


def begun_to_match(one: Live, rows: set[int] | None = None) -> set[int]:
    """Of these rows (None: all there are) those that meet the trigger's filter now and did not when last looked at. What
    is remembered is brought up to date, in the caller's transaction."""
    by, record = author_of(one.workflow), one.trigger.record
    if by is None or record is None:
        return set()
    Workflow.objects.select_for_update(of=("self",)).filter(pk=one.workflow.pk).first()  # one look at a time
    found = record.rows(by, archived=False)
    kept = Matched.objects.filter(workflow=one.workflow)
    if rows is not None:
        found, kept = found.filter(pk__in=rows), kept.filter(row_id__in=rows)
    try:
        found = filtered(record, parse(one.trigger.value), by, found, few=rows is not None)
        now = set(found.values_list("pk", flat=True))
    except Invalid as problem:
        switch_off(one.workflow, _("The filter that starts it cannot be used any more: %s") % problem.message)
        return set()
    before = set(kept.values_list("row_id", flat=True))
    kept.filter(row_id__in=before - now).delete()
    Matched.objects.bulk_create(
        [Matched(workflow=one.workflow, row_id=pk) for pk in sorted(now - before)],
        ignore_conflicts=True,
        batch_size=5000,
    )
    return now - before


def begin(one: Live, starts: list[Start]) -> int:
    """Write the runs and put them on their way; returns how many are new. More than the workflow may start in an hour
    wait for a later one; far more switch it off."""
    if not starts:
        return 0
    with transaction.atomic():
        workflow = Workflow.objects.select_for_update(of=("self",)).get(pk=one.workflow.pk)
        used = _of_this_hour(workflow).count() + len(starts)
        if used > workflow.per_hour * (1 + MOST_HELD):
            switch_off(workflow, _("%(n)s runs would start or wait for their hour; at most %(most)s an hour are allowed.") % {
                "n": f"{used:,}", "most": f"{workflow.per_hour:,}"})  # fmt: skip
            return 0
        moments = _moments(workflow, len(starts)) if used > workflow.per_hour else [None] * len(starts)
        runs = [_run(one, start, held) for start, held in zip(starts, moments, strict=True)]
        before = Run.objects.filter(workflow=workflow, key__in=[s.key for s in starts]).count()
        Run.objects.bulk_create(runs, ignore_conflicts=True)
        set_off()
        announce(["run"])
    return len(runs) - before


def _of_this_hour(workflow: Workflow) -> QuerySet[Run]:
    """Runs that began within the last hour or are yet to begin, which they do a few hours after they were written at most."""
    now = timezone.now()
    lately = Run.objects.filter(workflow=workflow, created_at__gt=now - HOUR * (2 + MOST_HELD))
    return lately.filter(Q(started_at__gt=now - HOUR) | Q(started_at=None, state__in=OPEN_STATES))


def _moments(workflow: Workflow, n: int) -> list[dt.datetime | None]:
    """When so many more runs may begin, None for now: each an hour after the one that has its place before it."""
    now, most = timezone.now(), max(workflow.per_hour, 1)
    begins = Coalesce("started_at", "waits_until", Value(now), output_field=DateTimeField())
    last = _of_this_hour(workflow).annotate(begins=begins).order_by("-begins").values_list("begins", flat=True)
    taken: deque[dt.datetime] = deque(reversed(list(last[:most])), maxlen=most)
    out: list[dt.datetime | None] = []
    for _n in range(n):
        moment = max(now, taken[0] + HOUR) if len(taken) == most else now
        taken.append(moment)
        out.append(moment if moment > now else None)
    return out


def _run(one: Live, start: Start, held: dt.datetime | None) -> Run:
    run = Run(
        workflow=one.workflow, version_number=version_held(one.workflow, start.held_to), record=start.record, record_id=start.row, key=start.key,
        cause=start.cause, payload=start.payload,
    )  # fmt: skip
    if start.refused:
        run.state, run.why, run.ended_at = RunState.STOPPED, start.refused, timezone.now()
    elif held is not None:
        run.state, run.waits_until = RunState.WAITING, held
        run.why = _("Held back: at most %s runs an hour.") % f"{one.workflow.per_hour:,}"
    run.derive()
    return run


def set_off(lanes: int = 1) -> None:
    """Let a worker take up the runs that are queued, once this transaction has committed. `lanes`: how many do so at a time at
    most, so that many runs never keep a worker from its other work."""
    for lane in range(1, lanes + 1):
        name = f"automation.advance:{lane}"
        enqueue("automation.advance", key=name, lock=name)


def wake_for(events: dict[UUID, Event], links: list[tuple[UUID, str, int]]) -> None:
    """Runs that wait for one of these events of their row go on, where it happened within their time. While all rests they
    are only put on their way: nobody does their next step before it ends."""
    told: dict[tuple[str, int, str], dt.datetime] = {}
    for pk, record, row in links:
        about = (record, row, events[pk].verb)
        told[about] = min(told.get(about, events[pk].at), events[pk].at)
    waiting = Run.objects.filter(state=RunState.WAITING, waits_for__in={verb for _record, _row, verb in told})
    found = waiting.filter(record_id__in={row for _record, row, _verb in told}).order_by("pk")
    with transaction.atomic():
        woken = []
        for run in found.select_for_update(of=("self",)):
            at = told.get((run.record, run.record_id or 0, run.waits_for))
            if at is not None and (run.waits_until is None or at <= run.waits_until):
                woken.append(run.pk)
        if woken:
            _go_on(woken, _("It happened."))
            set_off()


def _go_on(waiting: list[int], why: str) -> None:
    """Waiting runs go on behind the step they wait at, however many by as many statements; the caller holds their locks."""
    now, runs = timezone.now(), Run.objects.filter(pk__in=waiting)
    at_a_step = RunStep.objects.filter(run__in=waiting, state=StepState.WAITING, position=F("run__at_step"))
    begun = set(at_a_step.values_list("run_id", flat=True))
    at_a_step.update(state=StepState.DONE, result=why, ended_at=now)
    runs.filter(pk__in=begun).update(at_step=F("at_step") + 1)
    runs.update(**GOES_ON)


def switch_off(workflow: Workflow, why: str) -> None:
    """Kith itself switches a workflow off and says why, on its page and to its author."""
    from kith.automation.actions import stop_by_itself

    stop_by_itself(workflow, why)


def enrol(going: Any, name: str) -> str:
    """Start another workflow on the run's row; says what came of it. Raises Invalid."""
    other = workflow_named(name)
    definition = published(other) if other is not None else None
    if other is None or definition is None or not other.active:
        raise Invalid(_("There is no workflow “%s” that is on.") % name)
    if definition.record != going.record.name:
        raise Invalid(_("The workflow “%s” is about another type of record.") % name)
    if going.rehearsing:
        return _("would be enrolled in “%s”") % other.name
    found = next((one for one in live() if one.workflow.pk == other.pk), None)
    if found is None:
        raise Invalid(_("There is no workflow “%s” that is on.") % name)
    chain = Chain(going.run.cause)
    refused = chain.refuses(other.pk, definition.record, going.row.pk)
    begin(
        found, [Start(f"run:{going.run.pk}:{going.place}", definition.record, going.row.pk, going.run.cause, refused)]
    )
    return refused or _("enrolled in “%s”") % other.name


def leave(going: Any, name: str) -> str:
    """Cancel the other workflow's open runs on the run's row; says how many. Raises Invalid."""
    other = workflow_named(name)
    if other is None:
        raise Invalid(_("There is no workflow “%s”.") % name)
    rows = Run.objects.filter(
        workflow=other, record=going.run.record, record_id=going.run.record_id, state__in=OPEN_STATES
    )
    open_ones = rows.exclude(pk=going.run.pk).order_by("pk")
    left = cancel_many(open_ones, by=going.by, why=_("Taken out by “%s”.") % going.run.name)
    return _("taken out of %s runs") % left if left else _("it was in none")


def start_by_hand(workflow: Workflow, *, row: int | None, by: Actor) -> tuple[str, int | None, str]:
    """(record, row, why not) of a run that somebody starts: what it is about, and a sentence when it cannot run."""
    definition = published(workflow)
    if definition is None:
        return "", None, _("It was never published.")
    if not definition.record:
        return "", None, ""
    return definition.record, row, "" if row else _("It is about a row, and none was named.")
