"""The work of automation in the background: being told of events, carrying runs on, calling other systems, the minute."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone

from kith.automation import calling, deliveries, engine, sweeps
from kith.automation.calls import CallFailed
from kith.automation.fallen import note_fallen
from kith.automation.purging import purge_runs
from kith.automation.starting import set_off, start_by_events
from kith.kernel.errors import KithError
from kith.kernel.jobs import QUICK, current_job, enqueue, job
from kith.kernel.timeline.models import Delivery, Event

READER = "automation"
BATCH = 500  # events that are looked at together
TURN = 40  # steps, which take a busy worker half a second; whatever was told meanwhile starts its runs then
LANES = 2  # turns at a time, of the jobs that a worker does at once
PUT_OFF = dt.timedelta(seconds=10)
TRIES = 5  # of a call: at once, and after about 10 seconds, 40 seconds, 3 minutes and 11 minutes


@job("automation.start", queue=QUICK, priority=6, label="Start workflows by what happened")
def start() -> None:
    """Read what was delivered, batch by batch; each batch commits with its runs."""
    while _batch():
        pass


def _batch() -> bool:
    with transaction.atomic():
        rows = Delivery.objects.select_for_update(skip_locked=True).filter(reader=READER, done_at=None).order_by("id")
        told = list(rows[:BATCH])
        if told:
            events = list(Event.objects.filter(pk__in=[d.event_id for d in told]).order_by("pk"))
            note_fallen(events)
            start_by_events(events)
            Delivery.objects.filter(pk__in=[d.pk for d in told]).update(done_at=timezone.now())
        return len(told) == BATCH


@job("automation.advance", priority=5, label="Carry workflows on")
def advance() -> None:
    """Do queued steps; a worker that has done many lets others have their turn, and is helped with those that are left."""
    if engine.advance_all(TURN) >= TURN:
        set_off(LANES)


@job("automation.minute", every="* * * * *", label="Start workflows by the clock")
def minute() -> None:
    sweeps.minute()


@job("automation.purge", every="40 3 * * *", label="Delete runs of workflows that ended long ago")
def purge() -> None:
    """Running it twice deletes nothing the second time."""
    purge_runs()


@job("automation.call", attempts=TRIES, queue="calls", label="Call another system")
def call(*, step: int) -> None:
    """One call of a run, after those of its workflow about the same row that came before it; after the last try the run
    stands as failed, with what the other side said."""
    running = current_job()
    tried = running.attempts + 1 if running is not None else TRIES
    if tried == 1 and calling.must_wait(step):
        enqueue("automation.call", at=PUT_OFF, step=step)  # as a new job, so that no try is used up
        return
    try:
        calling.call(step, tried, TRIES)
    except CallFailed as problem:
        if tried >= TRIES:
            calling.give_up(step, str(problem))
            return
        raise
    except KithError as problem:
        calling.give_up(step, problem.message)


@job("automation.call_again", queue="calls", label="Send calls once more")
def call_again(*, steps: list[int]) -> None:
    """In their order; one that does not go through is tried again by a job of its own, and holds up nobody."""
    for step in steps:
        try:
            calling.once_more(step, 1)
        except CallFailed:
            enqueue("automation.call_later", step=step)


@job("automation.call_later", attempts=TRIES, queue="calls", label="Try a call once more")
def call_later(*, step: int) -> None:
    """After the last try it stands among those that were given up."""
    running = current_job()
    tried = running.attempts + 1 if running is not None else TRIES
    try:
        calling.once_more(step, 1 + tried)  # the first was made together with others
    except CallFailed as problem:
        if tried < TRIES:
            raise
        deliveries.mark(step, 1 + tried, str(problem), failed=True)
