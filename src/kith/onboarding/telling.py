"""The mail that tells a customer of new dates: at most one a day, and never for a plan that has gone on meanwhile."""

from __future__ import annotations

from django.core.mail import EmailMessage
from django.utils import timezone
from django.utils.translation import gettext as _

from kith.activities.mail import sender
from kith.kernel.access.actor import actor_for, system
from kith.kernel.accounts.mail import is_configured
from kith.kernel.errors import Invalid
from kith.kernel.jobs import once
from kith.kernel.languages import speaking
from kith.kernel.mail.addresses import reply_address
from kith.kernel.mail.leaving import leave
from kith.kernel.organisation.models import current
from kith.kernel.timeline.change import change
from kith.onboarding import events
from kith.onboarding.links import page_link
from kith.onboarding.models import RUNNING, Kind, Plan, Side, Step, StepState
from kith.ui.dates import long


def waiting() -> list[int]:
    """Plans whose customers do not know the new dates and have not been told anything today."""
    rows = Plan.objects.filter(RUNNING, to_tell=True).exclude(told_on=timezone.localdate())
    return list(rows.order_by("pk").values_list("pk", flat=True))


def tell(pk: int) -> bool:
    """Send the dates as they are now, once a day; False where there is nothing (more) to tell, or no way to. Raises OSError
    when the server refuses, so that it is tried again."""
    if not is_configured():
        return False
    today = timezone.localdate()
    with once(f"onboarding.tell:{pk}:{today}") as first:
        plan = (
            Plan.objects.select_for_update(of=("self",))
            .select_related("person", "owner")
            .filter(RUNNING, pk=pk, to_tell=True)
            .first()
        )
        if not first or plan is None or plan.told_on == today or plan.person is None or not plan.person.email:
            return False
        try:
            leave(message(plan), person=plan.person_id, automatic=True)
        except Invalid:  # the address bounced or complained before: a colleague calls, as the notice says
            return False
        with change(plan, by=system("mail")) as c:
            c.row.told_on, c.row.to_tell = today, False
            c.says(events.CustomersTold(str(plan.person)))
    return True


def message(plan: Plan) -> EmailMessage:
    """The mail in the customer's language."""
    person = plan.person
    assert person is not None
    with speaking(person.language):
        steps = Step.objects.filter(plan=plan, state=StepState.OPEN, archived_at=None).exclude(kind=Kind.CHECK_IN)
        lines = [
            f"- {long(step.due_on)}: {step.name}{' (' + _('yours') + ')' if step.side == Side.THEIRS else ''}"
            for step in steps.order_by("due_on", "position") if step.due_on
        ]  # fmt: skip
        text = _(
            "Hello %(name)s,\n\nsome dates of our plan have moved. This is how it stands now:\n\n%(steps)s\n\n"
            "The whole plan, with a place for questions: %(link)s\n\n%(who)s\n%(organisation)s"
        ) % {
            "name": person.given_name or person.name, "steps": "\n".join(lines), "link": page_link(plan) if plan.link_open else "–",
            "who": plan.owner or "", "organisation": current().name or "Kith",
        }  # fmt: skip
        subject = _("New dates of our plan")
    sent_by = sender(actor_for(plan.owner)) if plan.owner else None
    answers = reply_address(plan.owner_id) or (plan.owner.email if plan.owner else "")
    return EmailMessage(subject, text, sent_by, [person.email], reply_to=[answers] if answers else [])
