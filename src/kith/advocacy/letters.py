"""Mails to customers about what they do for us: short, in their language, from whoever looks after them."""

from __future__ import annotations

from email.utils import formataddr, parseaddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.utils.html import escape, urlize
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from kith.activities.mail import sender
from kith.contacts.consent.links import centre_link
from kith.kernel.access.actor import actor_for
from kith.kernel.mail.addresses import reply_address
from kith.kernel.organisation.models import current


def letter(person: Any, subject: str, lines: list[str], *, owner: Any = None) -> EmailMultiAlternatives:
    """A mail to a person; call it inside `speaking(person.language)`."""
    house = current().name or "Kith"
    foot = _("What we may write to you about: %s") % centre_link(person.pk, person.email)
    text = "\n".join([_("Hello %s,") % (person.given_name or person.name), "", *lines, "", house, "", foot])
    answers = reply_address(owner.pk if owner is not None else None)
    address = parseaddr(getattr(settings, "DEFAULT_FROM_EMAIL", ""))[1]
    mail = EmailMultiAlternatives(
        " ".join(subject.split())[:200], text, sender(actor_for(owner)) if owner is not None else formataddr((house, address)),
        [person.email], reply_to=[answers] if answers else [], headers={"X-Auto-Response-Suppress": "OOF, AutoReply"},
    )  # fmt: skip
    markup = urlize(escape(text), nofollow=False).replace("\n", "<br>")
    mail.attach_alternative(f'<html lang="{get_language()}"><body><p>{markup}</p></body></html>', "text/html")
    return mail
