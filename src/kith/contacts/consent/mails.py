"""The mail that asks somebody to confirm what they agreed to."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.mail import EmailMessage
from django.utils.translation import gettext as _

from kith.contacts.consent.links import centre_link, confirm_link
from kith.contacts.consent.models import Consent, State
from kith.contacts.consent.queries import last_said
from kith.kernel.accounts.mail import is_configured
from kith.kernel.errors import Invalid
from kith.kernel.jobs import once
from kith.kernel.languages import speaking
from kith.kernel.mail.leaving import leave
from kith.kernel.organisation.models import current


def ask_to_confirm(ids: Sequence[int]) -> bool:
    """Send one mail for these lines of one person, once; False when there is nothing to ask any more, or no mail server is
    set up. Raises OSError when the server refuses, so that the job is tried again."""
    if not is_configured():
        return False
    with once(f"consent.confirm:{min(ids)}") as first:
        lines = list(Consent.objects.filter(pk__in=ids, state=State.ASKED).select_related("purpose", "person"))
        if not first or not lines or not lines[0].address:
            return False
        last = {line.purpose_id: line.state for line in last_said([lines[0].person_id])}
        lines = [line for line in lines if last.get(line.purpose_id) == State.ASKED]
        if not lines:
            return False
        try:
            leave(_message(lines), person=lines[0].person_id)
        except Invalid:  # the address bounced or complained: nothing leaves, and nothing is confirmed
            return False
    return True


def _message(lines: list[Consent]) -> EmailMessage:
    person, address = lines[0].person, lines[0].address
    organisation = current().name or "Kith"
    with speaking(person.language, lines[0].language):
        asked = "\n".join(f"- {line.wording}" for line in lines)
        text = _(
            "You asked us for the following:\n\n%(asked)s\n\nPlease confirm that it was you:\n%(link)s\n\n"
            "If it was not you, do nothing: without your word nothing more will be sent.\n"
            "What you agreed to, and how to change it: %(centre)s\n\n%(organisation)s"
        ) % {
            "asked": asked, "link": confirm_link([line.pk for line in lines]), "organisation": organisation,
            "centre": centre_link(person.pk, address),
        }  # fmt: skip
        subject = _("Please confirm, %s") % organisation
    return EmailMessage(" ".join(subject.split()), text, to=[address], headers={"Auto-Submitted": "auto-generated"})
