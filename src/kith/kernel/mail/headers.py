"""Headers of mail as they come: folded, encoded in five ways or not at all, broken. Nothing here raises."""

from __future__ import annotations

import datetime as dt
import re
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime
from itertools import islice

from kith.kernel.mail.parsed import Address
from kith.kernel.text import clean_text

LONGEST = 2_000  # characters of a header that are read
MOST_ADDRESSES, MOST_IDS, LONGEST_ID, LONGEST_ADDRESS = 200, 50, 300, 320
# What goes wrong inside Python's own readers of headers when a header is broken.
BROKEN = (ValueError, LookupError, TypeError, AttributeError, HeaderParseError, RecursionError)
_ID = re.compile(r"<([^<>\s]{1,298})>")
_SHAPE = re.compile(r"[^@\s<>,;:\"()]+@[^@\s<>,;:\"()]+\Z")


def header(message: Message, name: str) -> str:
    """A header in words on one line, "" where there is none."""
    return next(iter(every(message, name)), "")


def every(message: Message, name: str) -> list[str]:
    """All headers of a name, in order. Read from what came: Python's own policy drops bytes it does not know."""
    wanted = name.lower()
    found = (v for k, v in message.raw_items() if k.lower() == wanted)  # type: ignore[attr-defined]
    return [words(value) for value in islice(found, MOST_IDS)]


def words(value: object) -> str:
    if value is None:
        return ""
    text = " ".join(_eight_bit(str(value)[: LONGEST * 4]).split())
    if "=?" in text:
        try:
            text = str(make_header(decode_header(text)))
        except BROKEN:
            pass  # it stands as it came
    return " ".join(clean_text(text).split())[:LONGEST]


def _eight_bit(text: str) -> str:
    """Bytes above ASCII that a header holds without saying how they are encoded come as lone surrogates."""
    if text.isascii() or not any("\udc80" <= c <= "\udcff" for c in text):
        return text
    raw = text.encode("utf-8", "surrogateescape")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def addresses(message: Message, name: str) -> tuple[Address, ...]:
    """Addresses of a header, in order and once each; what is no address is left out."""
    found: dict[str, Address] = {}
    for shown, address in _pairs(every_raw(message, name)):
        plain = normal(address)
        if plain and plain not in found and len(found) < MOST_ADDRESSES:
            found[plain] = Address(plain, words(shown)[:200])
    return tuple(found.values())


def every_raw(message: Message, name: str) -> list[str]:
    """Headers of a name before encoded words are read: a decoded name may hold a comma, which would part addresses."""
    raw = [v for k, v in message.raw_items() if k.lower() == name.lower()]  # type: ignore[attr-defined]
    return [" ".join(str(value).split())[: LONGEST * 10] for value in raw[:10]]


def _pairs(values: list[str]) -> list[tuple[str, str]]:
    try:
        return getaddresses(values, strict=False)
    except TypeError:  # a Python before 3.11.10 does not know `strict`
        return getaddresses(values)
    except BROKEN:
        return []


def normal(address: str) -> str:
    """An address as it is compared: small letters, no name; "" for what is no address."""
    plain = clean_text(_eight_bit(address)).strip().strip("<>").strip().lower()
    return plain if len(plain) <= LONGEST_ADDRESS and _SHAPE.match(plain) else ""


def ids(value: str) -> tuple[str, ...]:
    """Message-IDs of a header, with their angle brackets."""
    return tuple(dict.fromkeys(f"<{found}>" for found in _ID.findall(value)))[-MOST_IDS:]


def moment(value: str) -> dt.datetime | None:
    """A date of a header; None for one that cannot be."""
    try:
        found = parsedate_to_datetime(value)
        found = found if found.tzinfo else found.replace(tzinfo=dt.UTC)
        return found.astimezone(dt.UTC) if 1990 <= found.year <= 2200 else None
    except (*BROKEN, OverflowError):
        return None
