"""The words on a quote in the customer's language. They stand beside the document and on the page that answers it, whatever
language the office speaks, from the catalogues; dates, figures and currencies are written as that language writes them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_datetime
from babel.numbers import format_currency, format_decimal
from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as noop

from kith.kernel.languages import nearest

WORDS = {
    "quote": noop("Quote"), "number": noop("Number"), "date": noop("Date"), "valid": noop("Valid until"), "for": noop("For"), "what": noop("What"),
    "quantity": noop("Quantity"), "price": noop("Price"), "discount": noop("Discount"), "total": noop("Total"), "free": noop("free of charge"),
    "month": noop("a month"), "year": noop("a year"), "once": noop("Once"), "monthly": noop("Each month"), "yearly": noop("Each year"),
    "together": noop("Together"), "promises": noop("What we promise"), "by": noop("by {day}"), "terms": noop("Terms"),
    "draft": noop("Draft, not an offer yet"), "page": noop("Page {n} of {all}"), "version": noop("Version {n}"),
    "online": noop("Look at it, accept or decline it here:"), "hello": noop("Hello {name},"), "hello_all": noop("Hello,"),
    "mail": noop("here is our quote {number} over {total}. It is valid until {day}."), "subject": noop("Quote {number}: {what}"),
    "accept": noop("Accept the quote"), "decline": noop("Decline it"), "your_name": noop("Your name"),
    "agree": noop("I accept this quote with its terms, and may do so for {who}."), "why": noop("What speaks against it"),
    "if_any": noop("if you like"), "download": noop("The quote as PDF"), "accepted": noop("You accepted this quote"),
    "declined": noop("You declined this quote"), "thanks": noop("Thank you. {who} has been told, and you will hear from us."),
    "signed": noop("{name}, {moment}"), "expired": noop("This quote was valid until {day}"),
    "ask_again": noop("Prices may have changed since. Write to us, and you get a new one."),
    "replaced": noop("There is a newer version of this quote"), "look_mail": noop("Look for the newer mail, or write to us."),
    "withdrawn": noop("This quote is no longer offered"), "write": noop("Write to us, and we find a way."), "dead": noop("This link does not work"),
    "dead_says": noop("It is incomplete, was changed on the way, or is no longer valid. Open it again from the mail, or write to us."),
    "done_already": noop("It was answered already, by {name}. A quote is answered once."),
    "need_name": noop("Write your name, so that we know who accepts."), "need_agree": noop("Tick that you accept the quote."),
    "too_many": noop("That was often in a short time. Please try again in ten minutes."), "decide": noop("Your answer"),
    "kept": noop("We keep your name, the time and your network address with your answer."), "from": noop("From {who}"),
    "from_year": noop("{price} from year {n}"),
}  # fmt: skip


class Words:
    """Words, dates and amounts of one language: that of the quote where we speak it, else English words and its figures."""

    def __init__(self, language: str):
        code = language.lower().replace("_", "-")
        self.code = nearest([code], spoken()) or "en"
        try:
            self.locale = Locale.parse("en_GB" if code in ("", "en") else language.replace("-", "_"))
        except (UnknownLocaleError, ValueError):
            self.locale = Locale.parse("en_GB")

    def __call__(self, key: str, **values: object) -> str:
        with translation.override(self.code):
            return gettext(WORDS[key]).format(**values)

    def day(self, day: dt.date) -> str:
        return str(format_date(day, "long", locale=self.locale))

    def moment(self, moment: dt.datetime) -> str:
        return str(format_datetime(timezone.localtime(moment), "d MMMM y, HH:mm", locale=self.locale))

    def money(self, amount: Decimal, currency: str) -> str:
        return str(format_currency(amount, currency, locale=self.locale))

    def number(self, value: Decimal) -> str:
        return str(format_decimal(value.normalize(), locale=self.locale))


def spoken() -> list[str]:
    """Languages that quotes speak."""
    return [code for code, _name in settings.SPOKEN if "-" not in code]
