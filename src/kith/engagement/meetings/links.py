"""Signed addresses of meetings: one's own booking, to move or cancel it; a booking page that knows who comes.

No name or address stands in them in words. The link of a booking works as long as the booking is there.
"""

from __future__ import annotations

from typing import Any

from django.core import signing
from django.utils.translation import gettext as _

from kith.contacts.consent.links import LONGEST, about_person, open_person
from kith.engagement.meetings.models import Booking, BookingPage
from kith.kernel.accounts.links import site_address
from kith.kernel.errors import NotFound

OWN, KNOWN = "kith.meetings.own", "kith.meetings.known"


def page_link(page: BookingPage) -> str:
    return f"{site_address()}/book/{page.key}"


def own_path(booking: int) -> str:
    """Where somebody moves or cancels their meeting."""
    return f"/book/own/{signing.dumps(booking, salt=OWN)}"


def own_link(booking: int) -> str:
    return site_address() + own_path(booking)


def open_own(token: str) -> Booking:
    """The booking of a link. Raises NotFound in words that tell nothing of anybody."""
    try:
        pk = signing.loads(token, salt=OWN) if len(token) <= LONGEST else None
    except signing.BadSignature:
        pk = None
    rows = Booking.objects.filter(archived_at=None).select_related("page", "host", "activity", "person")
    row = rows.filter(pk=pk).first() if isinstance(pk, int) else None
    if row is None:
        raise NotFound(
            _(
                "This link does not work: it is incomplete, was changed on the way, or the meeting is gone. Write to us, and we find a time."
            )
        )
    return row


def known_token(person: int, address: str) -> str:
    """The mark in a page's address by which it is known who comes."""
    return signing.dumps(about_person(person, address), salt=KNOWN)


def known_link(page: BookingPage, person: Any) -> str:
    """A booking page's address for one person's mail."""
    return f"{page_link(page)}?k={known_token(person.pk, person.email)}" if person.email else page_link(page)


def person_of(token: str) -> tuple[Any, str]:
    """(person, address) of such a mark; (None, "") for one that says nothing (any more)."""
    if not token:
        return None, ""
    try:
        opened = open_person(token, KNOWN)
    except NotFound:
        return None, ""
    return opened.person, opened.address


def placeholders() -> dict[str, str]:
    """{placeholder: what it is called} for mail templates: a booking page's address that knows who comes."""
    rows = BookingPage.objects.filter(archived_at=None, open=True).order_by("name")
    return {f"booking.{_place(row)}": _("Booking link: %s") % row.name for row in rows}


def value(key: str, cast: Any) -> str:
    """What such a placeholder becomes in a mail to a person; the bare address where it is not known who reads it."""
    person = cast.rows.get("person")
    page = next((p for p in BookingPage.objects.filter(archived_at=None, open=True) if _place(p) == key), None)
    if page is None:
        return ""
    return known_link(page, person) if person is not None else page_link(page)


def _place(page: BookingPage) -> str:
    """The page's address as placeholders are written: they begin with a letter and have no hyphens."""
    key = page.key.replace("-", "_")
    return key if key[0].isalpha() else f"page_{key}"
