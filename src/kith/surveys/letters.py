"""The mail that asks: a row of numbers, each a link. Opening one counts nothing; the page behind it has the button."""

from __future__ import annotations

from email.utils import formataddr, parseaddr

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.utils.html import escape
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from kith.activities.mail import sender
from kith.contacts.consent.links import centre_link, unsubscribe_headers
from kith.kernel.access.actor import actor_for
from kith.kernel.languages import speaking
from kith.kernel.mail.addresses import reply_address
from kith.kernel.organisation.models import current
from kith.surveys.links import link_of
from kith.surveys.models import Response
from kith.surveys.wording import about_of, words_of

CELL = (
    "display:inline-block;min-width:22px;padding:10px 8px;margin:0 4px 6px 0;border:1px solid #8a8f98;border-radius:6px;"
    "text-align:center;text-decoration:none;color:#0b6b6b;font:600 16px sans-serif;"
)


def letter_to(row: Response) -> EmailMultiAlternatives:
    """The mail for somebody who is asked, in their language."""
    person = row.person
    assert person is not None
    with speaking(row.language):
        words, link = words_of(row.survey, row.language), link_of(row.pk)
        about, house = about_of(row), current().name or "Kith"
        hello = _("Hello %s,") % (person.given_name or person.name)
        opening = _("You wrote to us about “%s”.") % about if row.record == "ticket" and about else ""
        scores = list(row.survey.scale.scores)
        scale = _("%(low)s: %(least)s, %(high)s: %(most)s") % {
            "low": scores[0], "least": words.least, "high": scores[-1], "most": words.most}  # fmt: skip
        closing = _("Choose a number. You can add a word on the page that opens, and nothing is sent before you press the button there.")  # fmt: skip
        foot = _("What we may write to you about: %s") % centre_link(person.pk, person.email)
        text = "\n".join([
            hello, "", *([opening, ""] if opening else []), words.question, "", *(f"{n}: {link}?score={n}" for n in scores), "",
            scale, "", closing, "", house, "", foot,
        ])  # fmt: skip
        cells = "".join(f'<a href="{escape(f"{link}?score={n}")}" style="{CELL}">{n}</a>' for n in scores)
        html = (
            f'<html lang="{get_language()}"><body style="font:16px/1.5 sans-serif">'
            f"<p>{escape(hello)}</p>{f'<p>{escape(opening)}</p>' if opening else ''}<p><b>{escape(words.question)}</b></p>"
            f"<p>{cells}</p><p><small>{escape(scale)}</small></p><p>{escape(closing)}</p><p>{escape(house)}</p>"
            f'<p><small><a href="{escape(centre_link(person.pk, person.email))}">{escape(_("What we may write to you about"))}</a></small></p></body></html>'
        )
        mail = EmailMultiAlternatives(
            " ".join(words.question.split())[:200], text, _from(row), [person.email],
            reply_to=[answers] if (answers := reply_address(row.owner_id)) else [], headers=_headers(row),
        )  # fmt: skip
        mail.attach_alternative(html, "text/html")
    return mail


def _from(row: Response) -> str:
    """The colleague they know, with the organisation's address."""
    if row.owner is not None:
        return sender(actor_for(row.owner))
    address = parseaddr(getattr(settings, "DEFAULT_FROM_EMAIL", ""))[1]
    return formataddr((current().name or "Kith", address))


def _headers(row: Response) -> dict[str, str]:
    headers = {"X-Auto-Response-Suppress": "OOF, AutoReply"}
    if row.survey.purpose and row.person is not None:
        headers |= unsubscribe_headers(row.person.pk, row.person.email, row.survey.purpose, f"survey:{row.survey_id}")
    return headers
