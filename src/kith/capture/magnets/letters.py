"""Links that go by mail: with the mail that says "we have it" where there is one, else in one of their own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.core.mail import EmailMultiAlternatives
from django.utils import timezone
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kith.capture.magnets.granting import link_of
from kith.capture.magnets.models import Grant
from kith.capture.models import Submission
from kith.kernel.accounts.mail import is_configured
from kith.kernel.errors import Invalid
from kith.kernel.jobs import once
from kith.kernel.languages import speaking
from kith.kernel.mail.leaving import leave
from kith.kernel.organisation.models import current
from kith.ui.dates import long


def due(row: Submission) -> list[Grant]:
    """What is to be handed over by mail and was not yet."""
    rows = Grant.objects.filter(submission=row, person__isnull=False, waits=False, mailed_at=None)
    return list(rows.select_related("magnet__asset", "magnet__form", "submission", "person").order_by("pk"))


def mailed(grants: Sequence[Grant]) -> None:
    """Their links left; the days are counted from now."""
    now = timezone.now()
    for grant in grants:
        grant.mailed_at, grant.expires_at = now, until(grant, now)
    Grant.objects.bulk_update(grants, ["mailed_at", "expires_at"])


def until(grant: Grant, now: dt.datetime) -> dt.datetime:
    return now + dt.timedelta(days=grant.magnet.days)


def lines(grants: Sequence[Grant]) -> tuple[str, str]:
    """(plain text, HTML) with the links, in the language that is spoken."""
    text, markup, now = [], [], timezone.now()
    for grant in grants:
        name, link = " ".join(str(grant.magnet.asset.name).split()), link_of(grant)
        note = ngettext(
            "The link works until %(day)s, for one download.", "The link works until %(day)s, for %(n)s downloads.", grant.magnet.most,
        ) % {"day": long(timezone.localtime(until(grant, now)).date()), "n": grant.magnet.most}  # fmt: skip
        text.append(f"{name}:\n{link}\n{note}")
        markup.append(f'<p><a href="{escape(link)}">{escape(name)}</a><br><small>{escape(note)}</small></p>')
    return "\n\n".join(text), "".join(markup)


def letter(grants: Sequence[Grant]) -> EmailMultiAlternatives:
    """A mail of its own with these links, for the address they were asked for with."""
    row, person = grants[0].submission, grants[0].person
    with speaking(row.language or person.language):
        text, markup = lines(grants)
        organisation = current().name or "Kith"
        hello = _("Hello %s,") % person.given_name if person.given_name else _("Hello,")
        opens = _("here is what you asked us for.")
        subject = _("Here it is: %s") % " ".join(str(grants[0].magnet.asset.name).split())
    message = EmailMultiAlternatives(
        subject[:200], f"{hello}\n\n{opens}\n\n{text}\n\n{organisation}\n", to=[row.email],
        headers={"Auto-Submitted": "auto-replied", "X-Auto-Response-Suppress": "All"},
    )  # fmt: skip
    message.attach_alternative(
        f'<html lang="{escape(row.language)}"><body><p>{escape(hello)}</p><p>{escape(opens)}</p>{markup}<p>{escape(organisation)}</p></body></html>',
        "text/html",
    )
    return message


def hand_over(pk: int) -> bool:
    """Send one grant's link, once for each link it has; False where nothing leaves. Raises OSError when the server refuses,
    so that it is tried again."""
    rows = Grant.objects.select_related("magnet__asset", "magnet__form", "submission", "person")
    grant = rows.filter(pk=pk, waits=False, person__isnull=False).first()
    if grant is None or not grant.submission.email or not is_configured():
        return False
    with once(f"capture.gift:{pk}:{grant.renewals}") as first:
        if not first:
            return False
        try:
            leave(letter([grant]), person=grant.person_id)
        except Invalid:  # the address bounced or complained before: nothing leaves
            return False
        mailed([grant])
    return True
