"""Cards and their properties out of the bytes of a vCard file, version 2.1, 3.0 or 4.0.

Own code, because the libraries lose data on the files that phones and mail programs really write: vobject 0.9.9 (and
its fork vobjectx 0.6.1) refuses Android's 2.1 file with a photo, cuts an unescaped comma and all after it out of FN,
LABEL and X-ABADR, and leaves `http\\://` escaped; icalendar reads no bare 2.1 parameters; pythonvcard4 knows 4.0 only.
Nothing is dropped here: a line that cannot be understood becomes the problem of its card.
"""

from __future__ import annotations

import base64
import binascii
import quopri
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote_to_bytes

from . import charset
from .source import MARK
from .words import _, short

BASE64 = re.compile(rb"[A-Za-z0-9+/=]+\Z")
ENCODINGS = {"7BIT", "8BIT", "QUOTED-PRINTABLE", "BASE64", "B", "Q"}
PART = re.compile(r"((?:\\.|[^;\\]|\\\Z)*);", re.DOTALL)  # up to a semicolon that is not escaped
DATA_URI = re.compile(rb"\s*data:([^,;]*)(?:;[^,;]*?)*?(;base64)?,", re.IGNORECASE)
CARET = {"^n": "\n", "^^": "^", "^'": '"'}


@dataclass(slots=True)
class Property:
    """One property. `parts` is the value split at its semicolons and unescaped, `text` the whole of it, unescaped;
    `data` holds decoded binary content instead."""

    name: str
    group: str = ""
    params: list[tuple[str, str]] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    text: str = ""
    data: bytes | None = None

    def param(self, name: str) -> str:
        return next((value for key, value in self.params if key == name), "")


@dataclass(slots=True)
class Card:
    """`number` counts the cards of the file, `line` is where it begins."""

    number: int
    line: int
    version: str = "3.0"
    properties: list[Property] = field(default_factory=list)
    problem: str = ""
    doubts: set[str] = field(default_factory=set)  # "text": bytes shown as �; "data": damaged base64


def cards(lines: Iterable[bytes], encoding: str, longest: int) -> Iterator[Card | None]:
    """Cards in order; None for each line with text outside any card. `lines` come without their line ends."""
    card: Card | None = None
    number = depth = held = 0
    for at, line, logical in _logical(lines):
        word = logical.strip().upper()
        if word == b"BEGIN:VCARD" and card and card.properties and card.properties[-1].name == "AGENT":
            depth += 1
        if depth and card:
            card.properties[-1].text += line.decode(encoding, "replace") + "\n"
            depth -= word == b"END:VCARD"
        elif word == b"BEGIN:VCARD":
            if card:
                yield _unclosed(card)
            number, held = number + 1, 0
            card = Card(number, at)
        elif card is None:
            if word:
                yield None
        elif word == b"END:VCARD":
            yield card
            card = None
        elif word:
            held += len(logical)
            if held > longest:
                card.problem = _("The card in line {line} holds more than {limit} characters.").format(
                    line=card.line, limit=longest
                )
            else:
                _add(card, at, logical, encoding)
    if card:
        yield _unclosed(card)


def _unclosed(card: Card) -> Card:
    card.problem = card.problem or _("The card that begins in line {line} has no END:VCARD.").format(line=card.line)
    return card


def _logical(lines: Iterable[bytes]) -> Iterator[tuple[int, bytes, bytes]]:
    """-> (number of its first line, first line, the whole property) with folded lines joined."""
    first, start, whole, mode, blank_kept = b"", 0, bytearray(), "", False
    for at, line in enumerate(lines, 1):
        if start and mode == "quoted" and whole.endswith(b"="):
            whole[-1:] = line
        elif start and line[:1] in (b" ", b"\t"):
            whole += line.strip() if mode == "base64" else line if blank_kept else line[1:]
        elif start and mode == "base64" and BASE64.match(line):
            whole += line
        elif line or not start:
            if start:
                yield start, first, bytes(whole)
            first, start, whole, mode = line, at, bytearray(line), _mode(line)
            if line.upper().startswith((b"VERSION:", b"BEGIN:")):
                blank_kept = line.endswith(b":2.1")  # 2.1 folds at a blank and keeps it
    if start:
        yield start, first, bytes(whole)


def _mode(line: bytes) -> str:
    head = line.partition(b":")[0].upper()
    if b"QUOTED-PRINTABLE" in head:
        return "quoted"
    return "base64" if re.search(rb";(ENCODING=)?(BASE64|B)(;|\Z)", head) else ""


def _add(card: Card, at: int, line: bytes, encoding: str) -> None:
    head, value = _halves(line)
    name = head[0].decode("ascii", "replace").strip()
    group, _dot, name = name.rpartition(".")
    if value is None or not name:
        card.problem = card.problem or _("Line {line} is not a property: “{text}”.").format(
            line=at, text=short(line.decode(encoding, "replace"), 40)
        )
        return
    found = Property(name.upper(), group.lower(), _params(head[1:], encoding))
    if found.name == "VERSION":
        card.version = value.decode("ascii", "replace").strip()
    _read_value(found, value, card, encoding)
    card.properties.append(found)


def _halves(line: bytes) -> tuple[list[bytes], bytes | None]:
    """The name with its parameters, split at semicolons, and the value; quotes may hold both signs."""
    pieces, start, quoted = [], 0, False
    for found in re.finditer(rb'[";:]', line):
        sign = found[0]
        if sign == b'"':
            quoted = not quoted
        elif not quoted:
            pieces.append(line[start : found.start()])
            start = found.end()
            if sign == b":":
                return pieces, line[start:]
    return [line], None


def _params(pieces: list[bytes], encoding: str) -> list[tuple[str, str]]:
    """Parameters in order; bare words of 2.1 are an encoding or a type, lists are taken apart for types."""
    params = []
    for piece in pieces:
        text = piece.decode(encoding, "replace").strip()
        key, equals, value = text.partition("=")
        if not equals:
            key, value = ("ENCODING" if text.upper() in ENCODINGS else "TYPE"), text
        key = key.strip().upper()
        value = re.sub(r"\^[n^']", lambda found: CARET[found[0]], value.strip().replace('"', ""))
        params += [(key, item) for item in (value.split(",") if key == "TYPE" else [value]) if item]
    return params


def _read_value(found: Property, value: bytes, card: Card, encoding: str) -> None:
    style = found.param("ENCODING").upper()
    if style in ("B", "BASE64"):
        _read_data(found, value, card)
        return
    uri = DATA_URI.match(value)
    if uri and card.version.startswith("4"):
        found.params.append(("TYPE", uri[1].decode("ascii", "replace")))
        if uri[2]:
            _read_data(found, value[uri.end() :], card)
        else:
            found.data = unquote_to_bytes(value[uri.end() :])
        return
    if style in ("QUOTED-PRINTABLE", "Q"):
        value = quopri.decodestring(value)
    wanted = found.param("CHARSET")
    text = value.decode(wanted if charset.known(wanted) else encoding, MARK)
    if "\udcff" in text:
        card.doubts.add("text")
        text = text.replace("\udcff", "\ufffd")
    found.parts = [_unescape(part, card.version) for part in PART.findall(text + ";")]
    found.text = _unescape(text, card.version)


def _read_data(found: Property, value: bytes, card: Card) -> None:
    """Base64 as strictly as programs write it: padding may be missing and one character may hang over."""
    packed = re.sub(rb"\s", b"", value).rstrip(b"=")
    hanging = len(packed) % 4 == 1
    if hanging:
        card.doubts.add("data")
        packed = packed[:-1]
    try:
        found.data = base64.b64decode(packed + b"=" * (-len(packed) % 4), validate=True)
    except binascii.Error:
        card.doubts.add("data")
        found.text = value.decode("latin-1")


def _unescape(text: str, version: str) -> str:
    if "\\" not in text:
        return text
    if version == "2.1":
        return re.sub(r"\\([;,:])", r"\1", text)
    return re.sub(r"\\(.)", lambda found: "\n" if found[1] in "nN" else found[1], text, flags=re.DOTALL)
