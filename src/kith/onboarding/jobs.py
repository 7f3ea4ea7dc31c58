"""Background work of onboarding: days that pass, and mails about new dates."""

from __future__ import annotations

from django.utils import timezone

from kith.kernel.access.actor import system
from kith.kernel.jobs import enqueue
from kith.kernel.jobs.declare import job
from kith.onboarding.models import Plan, Step
from kith.onboarding.moving import follow
from kith.onboarding.telling import tell, waiting

MOST = 2000  # plans in one go; the rest an hour later


@job("onboarding.tell", label="Tell a customer of new dates")
def tell_customer(plan: int) -> None:
    """Running it twice tells nothing the second time."""
    tell(plan)


@job("onboarding.days", every="20 * * * *", label="Work out onboarding dates as days pass")
def days() -> None:
    """Plans with a step that should be done and is not push on what waits for it. Running it twice moves nothing more."""
    held = Step.objects.filter(
        state="open", archived_at=None, due_on__lt=timezone.localdate(), plan__state="running"
    ).exclude(kind="check_in")
    for plan in Plan.objects.filter(pk__in=held.values("plan"), archived_at=None).order_by("pk")[:MOST]:
        follow(plan, by=system(), creeping=True)
    for pk in waiting():
        enqueue("onboarding.tell", plan=pk)
