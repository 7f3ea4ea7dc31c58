"""vCards as a table: one row a card, one column for each thing a card of this file says.

Well-known properties get plain names, every other one keeps its own. What occurs several times is numbered ("E-mail",
"E-mail 2"), what it is used for stands beside it ("E-mail label"), and pictures are kept as bytes. The file is read
twice, first for the columns, so that it never has to be in memory.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from kith.kernel.errors import Invalid

from . import charset
from .limits import Limits
from .source import Source
from .table import COUNTED, Row, Table, storable, unstorable
from .vcardlines import Card, Property, cards
from .words import _

QUICK = 200  # cards looked at for the columns of a preview
COUNTED["stray"] = ("{count} line outside the cards was skipped.", "{count} lines outside the cards were skipped.")
COUNTED["text"] = (
    "{count} card holds bytes that are no text; they are shown as �.",
    "{count} cards hold bytes that are no text; they are shown as �.",
)
COUNTED["data"] = (
    "{count} card holds a picture or other data with damaged base64; what can be read of it is kept.",
    "{count} cards hold pictures or other data with damaged base64; what can be read of them is kept.",
)

TITLES = {
    "FN": "Full name",
    "N": "Name",
    "NICKNAME": "Nickname",
    "ORG": "Organisation",
    "TITLE": "Job title",
    "ROLE": "Role",
    "EMAIL": "E-mail",
    "TEL": "Phone",
    "ADR": "Address",
    "URL": "URL",
    "BDAY": "Birthday",
    "NOTE": "Note",
    "CATEGORIES": "Categories",
    "PHOTO": "Photo",
}
LABELLED = {"EMAIL", "TEL", "ADR", "URL"}
NAME = ("Family name", "Given name", "Additional names", "Name prefix", "Name suffix")
ADDRESS = ("PO box", "extension", "street", "city", "region", "postal code", "country")
SPOKEN = {"TYPE", "PREF", "CHARSET", "ENCODING", "VALUE"}  # shown in the label, or used up in reading the value
APPLE_LABEL = re.compile(r"_\$!<(.*)>!\$_\Z", re.DOTALL)

Field = tuple[tuple, str, Any]  # (place among the columns, column name, value)


class VCards(Table):
    """A file of cards; `Row.number` counts them."""

    format = "vcard"
    unit = "card"

    def __init__(self, source: Source, limits: Limits, choices: dict[str, Any], *, thorough: bool):
        super().__init__(source, limits)
        wanted = choices.get("encoding", "")
        self.encoding, note = (wanted, "") if wanted else charset.detect(source, thorough=thorough)
        self._notes += [note] if note else []
        places: dict[str, tuple] = {}
        for card in islice(self._cards(), None if thorough else QUICK):
            places.update({name: place for place, name, _value in fields(card) if name not in places})
            if len(places) > limits.columns:
                raise Invalid(
                    _("The cards of “{name}” say more than {limit} different things. Split the file.").format(
                        name=self.name, limit=limits.columns
                    )
                )
        names = sorted(places, key=lambda name: places[name])
        self._positions = {name: position for position, name in enumerate(names)}
        self._set_headers(names)

    def rows(self, start: int = 0) -> Iterator[Row]:
        self._counts.clear()
        for card in self._cards():
            if card.number >= start:
                yield self._row(card)

    def _row(self, card: Card) -> Row:
        row: list[Any] = [""] * len(self.headers)
        extra = {}
        for _place, name, value in fields(card):
            if name in self._positions:
                row[self._positions[name]] = value
            else:
                extra[name] = value
        for doubt in card.doubts:
            self._count(doubt)
        problem = card.problem or unstorable(self.headers, row, self._limits.cell)
        return Row(card.number, [storable(cell) for cell in row] if problem else row, problem, extra or None)

    def _cards(self) -> Iterator[Card]:
        coding = "utf-8" if self.encoding.startswith(("utf-8", "utf-16", "utf-32")) else self.encoding
        for card in cards(self._lines(), coding, self._limits.record):
            if card is None:
                self._count("stray")
            else:
                yield card

    def _lines(self) -> Iterator[bytes]:
        """Lines without their ends, one CR or several before the LF. Properties may each have another charset, so
        only wide encodings are decoded (to UTF-8) for the file as a whole."""
        longest = self._limits.record
        if self.encoding.startswith(("utf-16", "utf-32")):
            with self._source.text(self.encoding) as text:
                while line := text.readline(longest):
                    yield line.encode("utf-8", "replace").rstrip(b"\r\n")
            return
        with self._source.stream() as stream:
            head = stream.peek(4096)
            lines: Iterator[bytes] = iter(lambda: stream.readline(longest), b"")
            if b"\n" not in head and b"\r" in head:  # line ends of the old Macintosh
                text = io.TextIOWrapper(stream, "latin-1")
                lines = (line.encode("latin-1") for line in iter(lambda: text.readline(longest), ""))
            for number, plain in enumerate(lines):
                yield (plain if number else plain.removeprefix(b"\xef\xbb\xbf")).rstrip(b"\r\n")


def fields(card: Card) -> list[Field]:
    """What a card says, as columns."""
    labels = {found.group: found for found in card.properties if found.name == "X-ABLABEL" and found.group}
    seen: dict[str, int] = {}
    used: set[int] = set()
    result: list[Field] = []
    for order, found in enumerate(card.properties):
        label = labels.get(found.group)
        if found is label and any(one.group == found.group and one is not found for one in card.properties):
            continue  # it is the label of the others in its group
        seen[found.name] = seen.get(found.name, 0) + 1
        rank = list(TITLES).index(found.name) if found.name in TITLES else len(TITLES) + order
        place = (rank >= len(TITLES), rank if rank < len(TITLES) else 0, found.name, seen[found.name])
        given = "" if label is None or id(label) in used else APPLE_LABEL.sub(r"\1", label.text)
        used.add(id(label))
        result += [((*place, part), name, value) for part, (name, value) in enumerate(_columns(found, seen, given))]
    return result


def _columns(found: Property, seen: dict[str, int], given: str) -> Iterator[tuple[str, Any]]:
    title = TITLES.get(found.name, found.name)
    suffix = f" {seen[found.name]}" if seen[found.name] > 1 else ""
    yield from _value(found, title, suffix)
    types = [value for key, value in found.params if key == "TYPE"]
    rank = found.param("PREF")
    preferred = [f"pref {rank}".removesuffix(" 1")] if rank else []
    label = ", ".join(dict.fromkeys([given] * bool(given) + [value.lower() for value in types] + preferred))
    if label or found.name in LABELLED:
        yield f"{title}{suffix} {'type' if found.data is not None else 'label'}", label
    if found.name == "ADR" and found.param("LABEL"):
        yield f"{title}{suffix} formatted", found.param("LABEL")
    others = [
        f"{key}={value}"
        for key, value in found.params
        if key not in SPOKEN and not (key == "LABEL" and found.name == "ADR")
    ]
    if others:
        yield f"{title}{suffix} parameters", "; ".join(others)


def _value(found: Property, title: str, suffix: str) -> Iterator[tuple[str, Any]]:
    if found.data is not None:
        yield title + suffix, found.data
    elif found.name == "N":
        yield from _structured(found, [part + suffix for part in NAME], f"{title}{suffix} rest")
    elif found.name == "ADR":
        yield from _structured(found, [f"{title}{suffix} {part}" for part in ADDRESS], f"{title}{suffix} rest")
    elif found.name == "ORG":
        yield from _structured(found, [title + suffix], f"{title} unit{suffix}")
    else:
        yield title + suffix, found.text


def _structured(found: Property, names: list[str], rest: str) -> Iterator[tuple[str, str]]:
    """The parts under their names; whatever there is beyond them together under `rest`."""
    for position, name in enumerate(names):
        yield name, found.parts[position].strip() if position < len(found.parts) else ""
    if beyond := [part for part in found.parts[len(names) :] if part]:
        yield rest, "; ".join(beyond)
