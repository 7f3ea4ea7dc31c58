"""Mail of a run that failed or came back after its step was done: said at that step, and the run can do it again.

Heard as events are delivered; each step in a transaction of its own that holds its run alone. A run on its way goes on, and stands as failed at its end.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.utils.translation import gettext as _

from kith.activities.queries import fallen
from kith.automation import engine
from kith.automation.models import OPEN_STATES, Run, RunState, RunStep, StepState
from kith.kernel.timeline.models import Event

FELL = frozenset({"mail.failed", "mail.bounced"})


def note_fallen(events: Iterable[Event]) -> None:
    """What these events say of mail that runs wrote."""
    told = {e.payload.get("message"): e for e in events if e.verb in FELL}
    for message, why in (fallen(told) if told else {}).items():
        for step in _steps(told[message], message):
            _note(step, why)


def _steps(event: Event, message: int) -> list[int]:
    """The steps that wrote a message: what it was written because of is told on the same story as what became of it."""
    written = Event.objects.filter(verb="mail.written", payload__message=message, cause__isnull=False)
    causes = written.filter(links__record=event.record, links__record_id=event.record_id).values_list(
        "cause", flat=True
    )
    steps = RunStep.objects.filter(run__cause__in=list(causes), wrote=message, state=StepState.DONE)
    return list(steps.order_by("pk").values_list("pk", flat=True))


def _note(pk: int, why: str) -> None:
    with transaction.atomic():
        step = RunStep.objects.get(pk=pk)
        run = Run.objects.select_for_update(of=("self",)).select_related("workflow__author").get(pk=step.run_id)
        step.refresh_from_db()
        if step.state != StepState.DONE:
            return
        step.state, step.error = StepState.FAILED, why
        step.save(update_fields=["state", "error"])
        run.afresh = [*run.afresh, step.position]
        if run.state in OPEN_STATES:
            run.save(update_fields=["afresh"])
        elif run.state == RunState.DONE:
            engine.end(run, RunState.DONE, _("Step %s failed.") % step.number)
