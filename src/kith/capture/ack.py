"""The mail that says at once "we have it", in the person's language.

Words are the form's, with placeholders from a fixed list; it leaves once for a submission however often the job runs,
never to an address that must not be written to, never in answer to a machine, and seldom to the same address, so that
nobody can use a form to pester somebody else.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.utils import timezone
from django.utils.html import escape, linebreaks
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kith.capture.definition import Definition
from kith.capture.magnets import letters
from kith.capture.magnets.models import Grant
from kith.capture.models import State, Submission
from kith.capture.queries import definition_of
from kith.contacts.consent.links import centre_link
from kith.kernel.accounts.mail import is_configured
from kith.kernel.errors import Invalid
from kith.kernel.jobs import once
from kith.kernel.languages import nearest, speaking
from kith.kernel.mail.leaving import leave
from kith.kernel.mail.placeholders import check_names, filled, places
from kith.kernel.organisation.models import current

MOST_A_DAY = 3  # to one address
MACHINES = re.compile(r"^(mailer-daemon|postmaster|no-?reply|do-?not-?reply|bounces?|abuse)([+._-].*)?@", re.IGNORECASE)
SINGLE = re.compile(r"(?<!\{)\{\s*[a-z_.]+\s*(?:\|[^{}]*)?\}(?!\})")
# Few, because the mail may go to an address that is not the person's own: whoever came by their link may write another.
HOLDERS = {
    "person.given_name": gettext_lazy("their first name"), "person.name": gettext_lazy("their whole name"),
    "company.name": gettext_lazy("their company"), "form.name": gettext_lazy("what the form is called"),
    "form.reason": gettext_lazy("why they wrote"), "organisation.name": gettext_lazy("our name"),
}  # fmt: skip


def fault_of(text: str) -> str:
    """What is wrong with the placeholders of a text, in a sentence; "" for nothing."""
    if single := SINGLE.search(text):
        return (
            _("“%s” would be read as it stands; placeholders are written with two braces: {{ person.given_name }}.")
            % single[0]
        )
    try:
        check_names(places(text), HOLDERS, "")
    except Invalid as problem:
        return problem.message
    return ""


def acknowledge(pk: int) -> bool:
    """Send it, once; False where nothing is to be sent, or no mail server is set up. Raises OSError when the server
    refuses, so that it is tried again."""
    if not is_configured():
        return False
    with once(f"capture.ack:{pk}") as first:
        row = Submission.objects.select_related("person__company", "form").filter(pk=pk, state=State.DONE).first()
        if not first or row is None or not _may_answer(row):
            return False
        gifts = letters.due(row)
        message = message_of(row, gifts) or (letters.letter(gifts) if gifts else None)
        if message is None:
            return False
        try:
            leave(message, person=row.person_id)
        except Invalid:  # the address bounced or complained before: nothing leaves
            return False
        letters.mailed(gifts)
        Submission.objects.filter(pk=pk).update(acknowledged_at=timezone.now())
    return True


def _may_answer(row: Submission) -> bool:
    return bool(row.person_id) and may_write_to(row.email)


def may_write_to(address: str) -> bool:
    """Is it somebody's address, and was it seldom enough that we said of something that it came?"""
    if not address or MACHINES.match(address) or address.lower() == _own_address():
        return False
    since = timezone.now() - dt.timedelta(days=1)
    return Submission.objects.filter(email__iexact=address, acknowledged_at__gt=since).count() < MOST_A_DAY


def _own_address() -> str:
    return str(getattr(settings, "DEFAULT_FROM_EMAIL", "")).rpartition("<")[2].rstrip(">").lower()


def message_of(row: Submission, gifts: Sequence[Grant] = ()) -> EmailMultiAlternatives | None:
    """The mail, with links to what lead magnets hand over; None where the form sends none."""
    if row.form_id is None or row.version_number is None:
        return None
    what = definition_of(row.form_id, row.version_number)
    if not what.ack:
        return None
    language = _language_of(row, what)
    with speaking(language):
        subject = what.text(what.ack_subject, language, _("We have your message"))
        text = what.text(what.ack_text, language) or _(
            'Hello {{ person.given_name | "there" }},\n\nthank you for writing to us. We have it, and one of us will answer you soon.\n\n{{ organisation.name }}'
        )
        values = values_of(row)
        foot, (links, linked) = _foot(row), letters.lines(gifts)
    words, tail = filled(text, values), f"\n-- \n{foot}\n" if foot else ""
    words = f"{words}\n\n{links}" if links else words
    message = EmailMultiAlternatives(
        " ".join(filled(subject, values).split())[:200], f"{words}\n{tail}", to=[row.email],
        headers={"Auto-Submitted": "auto-replied", "X-Auto-Response-Suppress": "All"},
    )  # fmt: skip
    markup = linebreaks(filled(text, values), autoescape=True)
    message.attach_alternative(
        f'<html lang="{escape(language)}"><body>{markup}{linked}{f"<p><small>{escape(foot)}</small></p>" if foot else ""}</body></html>',
        "text/html",
    )
    return message


def _language_of(row: Submission, what: Definition) -> str:
    """The person's own, unless the form says it in words of its own that are not in it."""
    theirs: str = row.person.language
    said = [texts for texts in (what.ack_subject, what.ack_text) if texts]
    return theirs if theirs and all(nearest([theirs], texts) for texts in said) else row.language or theirs


def _foot(row: Submission) -> str:
    """The way to what they agreed to, for an address that is theirs: whoever came by somebody's own link may have written
    another one."""
    theirs = {one["value"].lower() for one in row.person.emails}
    if row.email.lower() not in theirs:
        return ""
    return _("What we may write to you about, and how to change it: %s") % centre_link(row.person_id, row.email)


def values_of(row: Submission) -> dict[str, str]:
    """What placeholders stand for. What strangers wrote stays on one line and short: a mail of ours carries no advertising
    of theirs."""
    person: Any = row.person
    company = person.company.name if person.company else ""
    found = {
        "person.given_name": person.given_name, "person.name": person.name, "company.name": company,
        "form.name": row.subject, "form.reason": row.reason, "organisation.name": current().name or "Kith",
    }  # fmt: skip
    return {key: harmless(value) for key, value in found.items()}


def harmless(value: str) -> str:
    line = " ".join(value.split())[:200]
    return "" if re.search(r"https?:|www\.|[<>]", line, re.IGNORECASE) else line
