"""The signed address at which a customer answers a quote. It names the version and the secret it was sent with, so that it
opens nothing else and ends where the secret does; no name or price stands in it."""

from __future__ import annotations

from django.core import signing
from django.utils.crypto import constant_time_compare

from kith.contacts.consent.links import LONGEST
from kith.deals.quotes.models import Quote
from kith.kernel.accounts.links import site_address
from kith.kernel.errors import NotFound

SALT = "kith.quotes"


def path_of(quote: Quote) -> str:
    return f"/q/{signing.dumps([quote.pk, quote.secret], salt=SALT)}"


def link_of(quote: Quote) -> str:
    return site_address() + path_of(quote)


def open_link(token: str) -> Quote:
    """The quote of a link. Raises NotFound without words: the page has them in a language."""
    try:
        told = signing.loads(token, salt=SALT) if len(token) <= LONGEST else None
    except signing.BadSignature:
        told = None
    if isinstance(told, list) and len(told) == 2 and isinstance(told[0], int):
        rows = Quote.objects.filter(archived_at=None).select_related("deal__company", "deal__contact", "owner")
        quote = rows.filter(pk=told[0]).first()
        if quote is not None and quote.secret and constant_time_compare(quote.secret, str(told[1])):
            return quote
    raise NotFound("")
