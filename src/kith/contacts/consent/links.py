"""Signed addresses that open without signing in: a person's own page, confirming, unsubscribing.

A link names the person and is bound to the address it was sent to: it works until the person is gone or that address is
theirs no more. No address stands in it in words. Confirming has an end of a month, since it says yes for somebody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core import signing
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

from kith.contacts.identify import email_identifier
from kith.kernel.access.actor import system
from kith.kernel.accounts.links import site_address
from kith.kernel.errors import NotFound
from kith.kernel.records.registry import registry

CENTRE, CONFIRM, UNSUBSCRIBE = "kith.consent.centre", "kith.consent.confirm", "kith.consent.unsubscribe"
CONFIRM_FOR = 31 * 24 * 3600  # seconds
LONGEST = 600  # characters of a token


@dataclass(frozen=True)
class Opened:
    """Whom a link belongs to, the address it was sent to, the purpose it names, if any, and the mail it stood in as
    whoever sent that calls it ("mailing:12")."""

    person: Any
    address: str
    purpose: str = ""
    ref: str = ""


def centre_path(person: int, address: str, ref: str = "") -> str:
    """Path of a person's own page."""
    return f"/consent/{signing.dumps({**about_person(person, address), **_of(ref)}, salt=CENTRE)}"


def centre_link(person: int, address: str) -> str:
    return site_address() + centre_path(person, address)


def confirm_link(ids: Sequence[int]) -> str:
    return f"{site_address()}/consent/confirm/{signing.dumps({'c': list(ids)}, salt=CONFIRM)}"


def unsubscribe_path(person: int, address: str, purpose: str, ref: str = "") -> str:
    told = {**about_person(person, address), "u": purpose, **_of(ref)}
    return f"/unsubscribe/{signing.dumps(told, salt=UNSUBSCRIBE)}"


def _of(ref: str) -> dict[str, str]:
    return {"r": ref} if ref else {}


def unsubscribe_headers(person: int, address: str, purpose: str, ref: str = "") -> dict[str, str]:
    """Headers of a mail for a purpose, by which mail programs offer to unsubscribe in one click (RFC 8058)."""
    link = site_address() + unsubscribe_path(person, address, purpose, ref)
    return {"List-Unsubscribe": f"<{link}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}


def about_person(person: int, address: str) -> dict[str, Any]:
    """What a link says of its person: who, and a mark of the address it was sent to."""
    return {"p": person, "a": _mark(email_identifier(address))}


def _mark(identifier: str) -> str:
    return salted_hmac("kith.consent.address", identifier).hexdigest()[:20]


def open_person(token: str, salt: str) -> Opened:
    """Whom a token belongs to, following merges. Raises NotFound in words that tell nothing of anybody."""
    told = _read(token, salt)
    row = registry["person"].get(system("web"), told.get("p")) if isinstance(told.get("p"), int) else None
    if row is None or row.archived_at is not None:
        raise dead()
    for entry in row.emails:
        if constant_time_compare(_mark(email_identifier(entry["value"])), str(told.get("a"))):
            return Opened(row, entry["value"], str(told.get("u") or ""), str(told.get("r") or ""))
    raise dead()


def open_confirm(token: str) -> list[int]:
    """The lines that a link confirms. Raises NotFound."""
    ids = _read(token, CONFIRM, CONFIRM_FOR).get("c")
    if not isinstance(ids, list):
        raise dead()
    return [pk for pk in ids if isinstance(pk, int)]


def _read(token: str, salt: str, age: int | None = None) -> dict[str, Any]:
    try:
        told = signing.loads(token, salt=salt, max_age=age) if len(token) <= LONGEST else {}
    except signing.BadSignature:  # tampered with, cut short, or too old
        raise dead() from None
    return told if isinstance(told, dict) else {}


def dead() -> NotFound:
    return NotFound(
        _(
            "This link does not work: it is incomplete, was changed on the way, or is no longer valid. Open it again from the mail, or write to us."
        )
    )
