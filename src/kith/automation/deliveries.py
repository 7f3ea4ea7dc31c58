"""Calls to other systems as deliveries: those that were given up, sent again one by one or all together, and those of a
stretch of time sent once more, for a system that lost them.

What is sent again is the row as it is now, under the same `Kith-Delivery`, so that whoever kept it can tell. A call whose run
stands at it goes on with its run; any other is sent by itself, and moves no run.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils.translation import gettext as _

from kith.automation.actions import retry_many
from kith.automation.models import Run, RunState, RunStep, StepState
from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid
from kith.kernel.jobs import enqueue
from kith.kernel.records.registry import registry

MANAGE = "settings.manage"
CALL = "webhook"
MOST = 10_000  # calls that are sent again at once
TOGETHER = 500  # of one job


def gave_up(by: Actor, workflow: int | None = None) -> QuerySet[RunStep]:
    """Calls that were given up and of which no later try went through, the latest first."""
    by.require(MANAGE)
    later = RunStep.objects.filter(run=OuterRef("run"), position=OuterRef("position"), pk__gt=OuterRef("pk"))
    found = RunStep.objects.filter(kind=CALL, state=StepState.FAILED).exclude(Exists(later))
    return _of(found, workflow).select_related("run").order_by("-pk")


def answered(by: Actor, since: dt.datetime, until: dt.datetime, workflow: int | None = None) -> QuerySet[RunStep]:
    """Calls that were answered in a stretch of time, the first of them first."""
    by.require(MANAGE)
    if until < since:
        raise Invalid(_("The time ends before it begins."), "until")
    found = RunStep.objects.filter(kind=CALL, state=StepState.DONE, ended_at__gte=since, ended_at__lte=until)
    return _of(found, workflow).order_by("pk")


def _of(steps: QuerySet[RunStep], workflow: int | None) -> QuerySet[RunStep]:
    return steps.filter(run__workflow=workflow) if workflow else steps


def again(by: Actor, ids: Iterable[int] | None = None, workflow: int | None = None) -> int:
    """Send those that were given up once more, all or some of them, `MOST` in a transaction; returns how many."""
    found = gave_up(by, workflow)
    if ids is not None:
        found = found.filter(pk__in=list(ids))
    n, found = 0, found.order_by("pk")
    while steps := list(found[:MOST]):
        _again(steps, by)
        n, found = n + len(steps), found.filter(pk__gt=steps[-1].pk)
    return n


def _again(steps: list[RunStep], by: Actor) -> None:
    standing = {s.pk: s.run_id for s in steps if s.run.state == RunState.FAILED and s.run.at_step == s.position}
    with transaction.atomic():
        if standing:
            retry_many(list(Run.objects.filter(pk__in=set(standing.values())).order_by("pk")), by=by)
        _send([s.pk for s in steps if s.pk not in standing])


def replay(by: Actor, since: dt.datetime, until: dt.datetime, workflow: int | None = None) -> int:
    """Send everything that was answered in a stretch of time once more, in the order in which it was sent; returns how many."""
    ids = list(answered(by, since, until, workflow).values_list("pk", flat=True)[: MOST + 1])
    if len(ids) > MOST:
        raise Invalid(_("These are more than %s calls; take a shorter time.") % f"{MOST:,}", "until")
    _send(ids)
    return len(ids)


def _send(ids: list[int]) -> None:
    ids = sorted(ids)
    for start in range(0, len(ids), TOGETHER):
        enqueue("automation.call_again", steps=ids[start : start + TOGETHER])


def told(by: Actor, steps: Iterable[RunStep]) -> list[dict[str, Any]]:
    """Calls for pages and programs, with the rows they are about as far as the actor sees them. One query a type."""
    steps = list(steps)
    names: dict[tuple[str, int], tuple[str, str]] = {}
    for kind in {s.run.record for s in steps if s.run.record in registry}:
        record = registry[kind]
        rows = record.rows(by).in_bulk([s.run.record_id for s in steps if s.run.record == kind and s.run.record_id])
        names |= {(kind, pk): (str(record.name_of(row)), record.url(pk)) for pk, row in rows.items()}
    return [
        {"id": s.pk, "run": s.run_id, "workflow": s.run.name, "what": s.what, "error": s.error, "attempts": s.attempts,
         "at": s.ended_at or s.started_at, "delivery": f"{s.run_id}-{s.position}",
         "about": names.get((s.run.record, s.run.record_id or 0), ("", ""))}
        for s in steps
    ]  # fmt: skip


def as_json(by: Actor, steps: Iterable[RunStep]) -> list[dict[str, Any]]:
    out = []
    for one in told(by, steps):
        name, url = one.pop("about")
        out.append({**one, "at": one["at"].isoformat(), "name": name, "url": url})
    return out


def mark(step: int, attempts: int, said: str, *, failed: bool) -> None:
    """What became of a call that was sent again by itself."""
    rows = RunStep.objects.filter(pk=step)
    if failed:
        rows.update(state=StepState.FAILED, error=said, attempts=F("attempts") + attempts)
    else:
        rows.update(state=StepState.DONE, error="", result=said, attempts=F("attempts") + attempts)
