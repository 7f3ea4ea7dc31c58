"""Background work of onboarding: days that pass, and mails about new dates."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from kith.kernel.access.actor import system
from kith.kernel.errors import Invalid, KithError
from kith.kernel.jobs import enqueue
from kith.kernel.jobs.declare import job
from kith.onboarding.models import Plan, Step
from kith.onboarding.moving import follow
from kith.onboarding.risking import weigh_all, weigh_those
from kith.onboarding.telling import tell, waiting

BATCH = 500  # plans read at once


@job("onboarding.tell", label="Tell a customer of new dates")
def tell_customer(plan: int) -> None:
    """Running it twice tells nothing the second time."""
    tell(plan)


@job("onboarding.weigh", label="See how much at risk onboardings are")
def weigh(plans: list[int]) -> None:
    """Running it twice moves nothing the second time."""
    weigh_those(plans)


@job("onboarding.days", every="20 * * * *", label="Work out onboarding dates as days pass")
def days() -> None:
    """Plans with a step that should be done and is not push on what waits for it, and everybody's risk is looked at again.
    Running it twice moves nothing more. Raises Invalid, once all others moved, for plans whose dates cannot be worked out."""
    last = 0
    failed: list[str] = []
    held = Step.objects.filter(
        state="open", archived_at=None, due_on__lt=timezone.localdate(), plan__state="running"
    ).exclude(kind="check_in")
    plans = Plan.objects.filter(pk__in=held.values("plan"), archived_at=None).order_by("pk")
    while some := list(plans.filter(pk__gt=last)[:BATCH]):
        last = some[-1].pk
        for plan in some:
            try:
                with transaction.atomic():
                    follow(plan, by=system(), creeping=True)
            except KithError as why:  # one plan, such as one with steps in a circle, keeps no other waiting
                failed.append(f"{plan}: {why}")
    for pk in waiting():
        enqueue("onboarding.tell", plan=pk)
    weigh_all(failed)
    if failed:
        raise Invalid(
            _("The dates of %(n)s plans could not be worked out. %(why)s")
            % {"n": len(failed), "why": " ".join(failed[:5])}
        )
