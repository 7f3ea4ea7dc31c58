"""The mail with the link to the customer's page, when somebody sends it to them."""

from __future__ import annotations

from typing import Annotated

from django.db import transaction
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.activities.mail import write_mail
from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid, NeedsInput
from kith.kernel.kinds import Email, LongText
from kith.kernel.languages import speaking
from kith.kernel.records.action import action
from kith.kernel.timeline.change import change
from kith.onboarding.events import LinkSent
from kith.onboarding.links import page_link
from kith.onboarding.models import Plan


def _can_send(plan: Plan) -> bool:
    return plan.is_running and plan.link_open


@action("onboarding.send_link", needs="onboarding_plan.edit", label=_("Send them their page"), icon="send", applies=_can_send, undo=False,
        done=_("The link is on its way, or in the outbox."))  # fmt: skip
def send_link(
    onboarding_plan: Plan,
    *,
    to: Annotated[str, Email(), _("To, if not the main address of whom we talk with")] = "",
    words: Annotated[str, LongText(5000), _("A few words in the mail, if not the usual ones")] = "",
    by: Actor,
) -> Plan:
    """Mail the customer the link at which they see their steps, ask and send files. Raises Invalid, NeedsInput."""
    with transaction.atomic():
        with change(onboarding_plan, by=by) as c:
            plan: Plan = c.row
            if not plan.link_open:
                raise Invalid(__("The customer's page is shut; open it again first."), "link_open")
            address = to or getattr(plan.person, "email", "") or getattr(plan.company, "email", "")
            if not address:
                raise NeedsInput(__("Say to whom: nobody with an e-mail address is named here."), ("to",))
            c.says(LinkSent(to=address))
        subject, text = _words(plan, words, by)
        write_mail(plan.person or plan.company or plan, to=[address], subject=subject, text=text, by=by)
    return plan


def _words(plan: Plan, words: str, by: Actor) -> tuple[str, str]:
    """Subject and text, in the customer's language as far as Kith speaks it."""
    person = plan.person
    with speaking(person.language if person else ""):
        usual = __(
            "here is our plan for your first weeks: what we do by when, what we need from you, and a place to ask."
        )
        hello = __("Hello %s,") % (person.given_name or person.name) if person else __("Hello,")
        return __("Your first weeks with us"), "\n\n".join([hello, words or usual, page_link(plan), by.name])
