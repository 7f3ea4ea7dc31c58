"""Ending runs that have begun, one or many of them: what waits at a step no longer does, and nobody is asked any more."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from kith.automation import events
from kith.automation.models import OPEN_STATES, Run, RunState, RunStep, StepState
from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid
from kith.kernel.timeline.change import change_many


def cancel_many(rows: Iterable[Run], *, by: Actor, why: str = "", refused: Any = None) -> int:
    """End those of the runs that are open; returns how many. Whether `by` may do so is for whoever calls to ask. What the
    runs did stays."""
    now = timezone.now()
    ended: list[int] = []
    why = (why or _("Cancelled by %s.") % by.name)[:500]

    def apply(run: Run) -> list[Any]:
        if run.state not in OPEN_STATES and refused is not None:
            raise Invalid(_("It has ended already; there is nothing to cancel."))
        if run.state not in OPEN_STATES:
            return []
        run.state, run.why, run.ended_at = RunState.CANCELLED, why, now
        run.waits_for, run.waits_until, run.asked = "", None, None
        ended.append(run.pk)
        return [events.RunCancelled()]

    with transaction.atomic():
        count = change_many(rows, apply, by=by, verb="see", refused=refused)
        if count:
            waiting = RunStep.objects.filter(run__in=ended, run__state=RunState.CANCELLED, state=StepState.WAITING)
            waiting.update(state=StepState.SKIPPED, ended_at=now)
    return count
