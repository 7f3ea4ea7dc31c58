"""The work of the timeline in the background: taking back what was done to many rows."""

from __future__ import annotations

from django.utils import translation

from kith.kernel.access.actor import actor_for, system
from kith.kernel.accounts.models import User
from kith.kernel.jobs import job
from kith.kernel.timeline.models import Operation
from kith.kernel.timeline.takeback import take_back


@job("timeline.undo", label="Take back what was done to many rows")
def undo(operation: int, user: int | None) -> None:
    op = Operation.objects.filter(pk=operation, data__has_key="undoing").first()
    if op is None:  # a job that runs twice finds nothing to do
        return
    who = User.objects.filter(pk=user).first() if user else None
    with translation.override(who.language if who is not None else None):
        take_back(op, actor_for(who, "web") if who is not None else system("cli"))
