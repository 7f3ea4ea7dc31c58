"""Addresses that a tracked mail carries: where a link leads stands inside the signature, so that nobody can have us lead
elsewhere. They have no end: a link in a mail that was kept works as long as the mail.
"""

from __future__ import annotations

from django.core import signing

LINK, IMAGE = "kith.mail.link", "kith.mail.image"
LONGEST_URL, LONGEST = 1500, 4000  # characters of an address that is rewritten, and of a token


def link_path(mail: int, url: str) -> str:
    return f"/m/l/{signing.dumps([mail, url], salt=LINK, compress=True)}"


def image_path(mail: int) -> str:
    return f"/m/o/{signing.dumps(mail, salt=IMAGE)}.gif"


def read_link(token: str) -> tuple[int, str] | None:
    """(the mail, where it leads); None for what we did not sign."""
    told = _read(token, LINK)
    return (told[0], told[1]) if isinstance(told, list) and len(told) == 2 else None


def read_image(token: str) -> int | None:
    told = _read(token, IMAGE)
    return told if isinstance(told, int) else None


def _read(token: str, salt: str) -> object:
    try:
        return signing.loads(token, salt=salt) if len(token) <= LONGEST else None
    except (signing.BadSignature, ValueError):  # changed on the way, or cut short
        return None
