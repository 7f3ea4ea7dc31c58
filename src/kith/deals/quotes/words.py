"""The words on a quote in the customer's language. They stand beside the document and on the page that answers it, whatever
language the office speaks; dates, figures and currencies are written as that language writes them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_datetime
from babel.numbers import format_currency, format_decimal
from django.utils import timezone

WORDS: dict[str, dict[str, str]] = {
    "en": {
        "quote": "Quote", "number": "Number", "date": "Date", "valid": "Valid until", "for": "For", "what": "What", "quantity": "Quantity",
        "price": "Price", "discount": "Discount", "total": "Total", "free": "free of charge", "month": "a month", "year": "a year",
        "once": "Once", "monthly": "Each month", "yearly": "Each year", "together": "Together", "promises": "What we promise", "by": "by {day}", "terms": "Terms",
        "draft": "Draft, not an offer yet", "page": "Page {n} of {all}", "version": "Version {n}", "online": "Look at it, accept or decline it here:",
        "hello": "Hello {name},", "hello_all": "Hello,", "mail": "here is our quote {number} over {total}. It is valid until {day}.",
        "subject": "Quote {number}: {what}", "accept": "Accept the quote", "decline": "Decline it", "your_name": "Your name",
        "agree": "I accept this quote with its terms, and may do so for {who}.", "why": "What speaks against it", "if_any": "if you like", "download": "The quote as PDF",
        "accepted": "You accepted this quote", "declined": "You declined this quote", "thanks": "Thank you. {who} has been told, and you will hear from us.",
        "signed": "{name}, {moment}", "expired": "This quote was valid until {day}", "ask_again": "Prices may have changed since. Write to us, and you get a new one.",
        "replaced": "There is a newer version of this quote", "look_mail": "Look for the newer mail, or write to us.",
        "withdrawn": "This quote is no longer offered", "write": "Write to us, and we find a way.", "dead": "This link does not work",
        "dead_says": "It is incomplete, was changed on the way, or is no longer valid. Open it again from the mail, or write to us.",
        "done_already": "It was answered already, by {name}. A quote is answered once.", "need_name": "Write your name, so that we know who accepts.", "need_agree": "Tick that you accept the quote.",
        "too_many": "That was often in a short time. Please try again in ten minutes.", "decide": "Your answer", "kept": "We keep your name, the time and your network address with your answer.", "from": "From {who}", "from_year": "{price} from year {n}",
    },
    "de": {
        "quote": "Angebot", "number": "Nummer", "date": "Datum", "valid": "Gültig bis", "for": "Für", "what": "Leistung", "quantity": "Menge",
        "price": "Preis", "discount": "Rabatt", "total": "Summe", "free": "kostenfrei", "month": "im Monat", "year": "im Jahr",
        "once": "Einmalig", "monthly": "Jeden Monat", "yearly": "Jedes Jahr", "together": "Zusammen", "promises": "Was wir zusagen", "by": "bis {day}", "terms": "Bedingungen",
        "draft": "Entwurf, noch kein Angebot", "page": "Seite {n} von {all}", "version": "Fassung {n}", "online": "Hier ansehen, annehmen oder ablehnen:",
        "hello": "Guten Tag {name},", "hello_all": "Guten Tag,", "mail": "hier ist unser Angebot {number} über {total}. Es gilt bis {day}.",
        "subject": "Angebot {number}: {what}", "accept": "Angebot annehmen", "decline": "Ablehnen", "your_name": "Ihr Name",
        "agree": "Ich nehme dieses Angebot mit seinen Bedingungen an und darf das für {who} tun.", "why": "Was dagegen spricht", "if_any": "wenn Sie mögen", "download": "Das Angebot als PDF",
        "accepted": "Sie haben dieses Angebot angenommen", "declined": "Sie haben dieses Angebot abgelehnt", "thanks": "Danke. {who} weiß Bescheid, und Sie hören von uns.",
        "signed": "{name}, {moment}", "expired": "Dieses Angebot galt bis {day}", "ask_again": "Seither können sich Preise geändert haben. Schreiben Sie uns, und Sie bekommen ein neues.",
        "replaced": "Von diesem Angebot gibt es eine neuere Fassung", "look_mail": "Sie steht in der neueren E-Mail; oder schreiben Sie uns.",
        "withdrawn": "Dieses Angebot gilt nicht mehr", "write": "Schreiben Sie uns, und wir finden einen Weg.", "dead": "Dieser Link funktioniert nicht",
        "dead_says": "Er ist unvollständig, wurde unterwegs verändert oder gilt nicht mehr. Öffnen Sie ihn noch einmal aus der E-Mail, oder schreiben Sie uns.",
        "done_already": "Es wurde schon beantwortet, von {name}. Ein Angebot wird einmal beantwortet.", "need_name": "Schreiben Sie Ihren Namen, damit wir wissen, wer annimmt.", "need_agree": "Kreuzen Sie an, dass Sie das Angebot annehmen.",
        "too_many": "Das war oft in kurzer Zeit. Bitte versuchen Sie es in zehn Minuten noch einmal.", "decide": "Ihre Antwort", "kept": "Mit Ihrer Antwort bewahren wir Ihren Namen, die Zeit und Ihre Netzadresse auf.", "from": "Von {who}", "from_year": "{price} ab dem {n}. Jahr",
    },
}  # fmt: skip


class Words:
    """Words, dates and amounts of one language: that of the quote where we speak it, else English words and its figures."""

    def __init__(self, language: str):
        code = language.lower().replace("_", "-")
        self.code = code if code in WORDS else code.partition("-")[0]
        self.code = self.code if self.code in WORDS else "en"
        try:
            self.locale = Locale.parse("en_GB" if code in ("", "en") else language.replace("-", "_"))
        except (UnknownLocaleError, ValueError):
            self.locale = Locale.parse("en_GB")

    def __call__(self, key: str, **values: object) -> str:
        return WORDS[self.code][key].format(**values)

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
    return list(WORDS)
