"""Saying at once to a stranger that their mail came, where the mailbox says so: one mail by a machine, in the words of that
mailbox and the language of whoever wrote, as an answer to theirs. The rules are those of forms (`ack.py`); what a machine
wrote was refused before (`letters.stranger`).
"""

from __future__ import annotations

from django.core.mail import EmailMessage
from django.utils import timezone
from django.utils.translation import gettext as _

from kith.activities.mail import answer_subject
from kith.capture.ack import harmless, may_write_to
from kith.capture.models import State, Submission
from kith.kernel.accounts.mail import is_configured
from kith.kernel.errors import Invalid
from kith.kernel.jobs import once
from kith.kernel.kinds.translations import text_for
from kith.kernel.languages import speaking
from kith.kernel.mail.leaving import leave
from kith.kernel.mail.models import Arrived
from kith.kernel.mail.placeholders import filled
from kith.kernel.organisation.models import current

ANSWERED = (State.REVIEW, State.DONE)  # it waits, or made somebody; what a colleague put away meanwhile is left alone


def acknowledge(pk: int) -> bool:
    """Send it, once; False where nothing is to be sent, or no mail server is set up. Raises OSError when the server
    refuses, so that it is tried again."""
    if not is_configured():
        return False
    with once(f"capture.ack:{pk}") as first:
        row = Submission.objects.select_related("person").filter(pk=pk, state__in=ANSWERED).first()
        arrived = Arrived.objects.select_related("mailbox").filter(pk=row.ref).first() if row is not None else None
        if not first or row is None or arrived is None or arrived.mailbox is None:
            return False
        if not arrived.mailbox.acknowledge or not may_write_to(row.email):
            return False
        try:
            leave(letter(row, arrived), person=row.person_id, automatic=True)
        except Invalid:  # the address bounced or complained before: nothing leaves
            return False
        Submission.objects.filter(pk=pk).update(acknowledged_at=timezone.now())
    return True


def letter(row: Submission, arrived: Arrived) -> EmailMessage:
    """The words of the mailbox. Nothing a stranger wrote is in it but their own subject and name, and those only where they are
    no advertising: the address may be somebody else's."""
    box = arrived.mailbox
    assert box is not None
    language = (row.person.language if row.person is not None else "") or row.language
    values = {"person.name": harmless(row.name), "organisation.name": current().name or "Kith"}
    with speaking(language):
        text, _found = text_for(box.acknowledge_translations, language, box.acknowledge_words)
        words = filled(text or _(
            "Hello,\n\nthank you for writing to us. We have your mail, and one of us will answer you soon.\n\n{{ organisation.name }}"
        ), values)  # fmt: skip
        subject = harmless(arrived.subject) or _("We have your message")
    headers = {"Auto-Submitted": "auto-replied", "X-Auto-Response-Suppress": "All"}
    if arrived.message_id:
        headers |= {"In-Reply-To": arrived.message_id, "References": arrived.message_id}
    return EmailMessage(answer_subject(subject)[:200], words, to=[row.email], reply_to=[box.address], headers=headers)
