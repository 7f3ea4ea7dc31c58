"""Rows meant by pasted words: addresses, numbers, domains, ids, exact names. Whatever is not recognised, or more than one
row, is handed back, never guessed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid
from kith.kernel.kinds import Emails, Phones
from kith.kernel.lookups.finding import AnyOf

MOST = 20_000  # words of one paste


@dataclass
class Recognised:
    """`rows`: id by word as it was written; `unknown`: words that fit nobody, `unsure`: words that fit several."""

    rows: dict[str, int] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)
    unsure: list[str] = field(default_factory=list)


def identifiers_in(record: Any, word: str) -> list[str]:
    """Normalised identifiers that a word may be, by the type's own rule; [] for a type without one."""
    identify = getattr(record, "identify", None)
    if identify is None:
        return []
    if "@" in word:
        return _as(identify, "emails", Emails(), word)
    if sum(c.isdigit() for c in word) >= 6:
        return _as(identify, "phones", Phones(), word)
    if "." in word and " " not in word:
        return list(identify({"domain": word}))
    return []


def _as(identify: Any, key: str, kind: Any, word: str) -> list[str]:
    try:
        return list(identify({key: kind.parse(word)}))
    except Invalid:
        return []


def recognise(record: Any, words: Iterable[str], actor: Actor) -> Recognised:
    """The actor's rows that these words mean; two queries for all. Of a line such as “Marta Kowalska <marta@…>” or
    “Kowalska; marta@…” each part is tried. Raises Invalid for more than 20,000."""
    lines = list(dict.fromkeys(" ".join(w.split()) for w in words if w.strip()))
    if len(lines) > MOST:
        raise Invalid(f"At most {MOST} rows can be pasted at once; split the list.")
    asked = {line: [i for part in _parts(line) for i in identifiers_in(record, part)] for line in lines}
    rows = record.rows(actor, archived=False)
    by_identifier = _by_identifier(rows, sorted({i for found in asked.values() for i in found}))
    ids = {line: int(line) for line in lines if line.isdecimal() and len(line) < 12}
    known = set(rows.filter(AnyOf("pk", list(ids.values()))).values_list("pk", flat=True)) if ids else set()
    names = _by_name(record, rows, [line for line, found in asked.items() if not found and line not in ids])
    out = Recognised()
    for line in lines:
        found = {pk for i in asked[line] for pk in by_identifier.get(i, ())}
        found = found or ({ids[line]} & known if line in ids else names.get(line.casefold(), set()))
        if len(found) == 1:
            out.rows[line] = found.pop()
        else:
            (out.unsure if found else out.unknown).append(line)
    return out


def _parts(line: str) -> list[str]:
    for mark in "<>;,\t|":
        line = line.replace(mark, "\n")
    return [part.strip() for part in line.split("\n") if part.strip()]


def _by_identifier(rows: Any, identifiers: list[str]) -> dict[str, set[int]]:
    out: dict[str, set[int]] = {}
    for start in range(0, len(identifiers), 1000):
        asked = identifiers[start : start + 1000]
        for pk, own in rows.filter(identifiers__overlap=asked).values_list("pk", "identifiers"):
            for identifier in own:
                out.setdefault(identifier, set()).add(pk)
    return out


def _by_name(record: Any, rows: Any, names: list[str]) -> dict[str, set[int]]:
    out: dict[str, set[int]] = {}
    if names:
        for pk, name in rows.filter(**{f"{record.title}__in": names}).values_list("pk", record.title):
            out.setdefault(str(name).casefold(), set()).add(pk)
    return out
