"""The steps that reading is made of: one cell to one value, id, link or moment, under what the mapping says of its column.

A step refuses the row with the column's name and the kind's own sentence, or leaves the value out with a note.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _

from kith.kernel.errors import Invalid
from kith.kernel.intake.draft import Draft
from kith.kernel.intake.mapping import Entry, Mapping
from kith.kernel.intake.spelling import near, odd_spelling
from kith.kernel.intake.synonyms import USUAL
from kith.kernel.intake.transforms import dated, multiplied, plain_number, split_name
from kith.kernel.kinds import Bool, Choice, Day, LongText, Moment, Number, Phones
from kith.kernel.text import clean_text, fold

Parts = dict[str, dict[str, list[dict[str, Any]]]]  # many-valued column -> slot -> its entries
Step = Callable[[Any, Draft, Parts], None]
LONG_LIST = 12
SHOWN = 30  # characters of a text that is too long, to be recognised by
LONGEST_ID = 200  # characters of another system's id
LONGEST_WORDS = 300  # of the words of a link
LONGEST_NAME = 150  # of the first or the last name
MEMO = 5_000  # different words remembered per column


def converted(entry: Entry, step: Step) -> Step:
    """`step` behind what the mapping says about words: trimmed, blank words dropped, translated."""
    words = {fold(w.strip()): ours for w, ours in {**dict.fromkeys(entry.blank), **entry.values}.items()}

    def converted(cell: Any, draft: Draft, parts: Parts) -> None:
        if isinstance(cell, str):
            cell = cell.strip()
        if words and not isinstance(cell, (list, dict, bytes)):
            folded = fold(str(cell))
            cell = words.get(folded, cell)
        if cell != "" and cell is not None:
            step(cell, draft, parts)

    return converted


def words_of(mapping: Mapping, header: str) -> Callable[[Any], str]:
    """A cell in the words the mapping translates it to, for templates."""
    found = next((e for e in mapping.of(header) if e.values or e.blank), None)
    words = (
        {fold(w.strip()): ours or "" for w, ours in {**dict.fromkeys(found.blank), **found.values}.items()}
        if found
        else {}
    )

    def read(cell: Any) -> str:
        text = "" if cell is None else str(cell).strip()
        return words.get(fold(text), text) if words else text

    return read


def _refused(draft: Draft, entry: Entry, cell: Any, problem: Invalid, kind: Any = None) -> None:
    sentence = problem.message
    if isinstance(kind, Choice):
        draft.odd.append((entry.header, entry.to, str(cell)[:300], "choice"))
        sentence = (
            kind.no_option(str(cell)) or _no_choice(str(cell), tuple(str(v) for v in kind.options.values())) or sentence
        )
    if entry.invalid == "blank":
        draft.notes.append(f"{entry.header}: {sentence}")
    else:
        draft.refuse(sentence, entry.header)


@lru_cache(maxsize=1_024)
def _no_choice(word: str, options: tuple[str, ...]) -> str:
    """Of a long list only what may be meant is worth saying; "" leaves the kind's own sentence."""
    words = {"v": word, "n": len(options), "near": _(" or ").join(f"“{o}”" for o in near(word, list(options)))}
    if words["near"]:
        return _("“%(v)s” is not one of the choices; perhaps %(near)s.") % words
    return _("“%(v)s” is not one of the %(n)d choices.") % words if len(options) > LONG_LIST else ""


def _whole(text: str, most: int, draft: Draft, header: str) -> str:
    """The text, or "" and a refusal where it is longer than fits: what is cut short may mean another row."""
    if len(text) <= most:
        return text
    draft.refuse(
        _("“%(start)s…” has %(n)d characters; the most that fit are %(max)d.")
        % {"start": text[:SHOWN], "n": len(text), "max": most},
        header,
    )
    return ""


def external_step(entry: Entry) -> Step:
    def step(cell: Any, draft: Draft, parts: Parts) -> None:
        draft.external = _whole(clean_text(str(cell)), LONGEST_ID, draft, entry.header)

    return step


def link_step(entry: Entry) -> Step:
    def step(cell: Any, draft: Draft, parts: Parts) -> None:
        first, other = ("id", "name") if entry.by in ("id", "external_id") else ("name", "id")
        given = cell.get(first, cell.get(other, "")) if isinstance(cell, dict) else cell
        words = "" if given is None else clean_text(str(given)).strip()
        if words := _whole(words, LONGEST_WORDS, draft, entry.header):
            draft.links[entry.to] = (entry, words)

    return step


def names_step(entry: Entry) -> Step:
    def step(cell: Any, draft: Draft, parts: Parts) -> None:
        if "given_name" in draft.values or "family_name" in draft.values:
            return  # its parts stand in columns of their own
        given, family = split_name(clean_text(str(cell)))
        for key, word in (("given_name", given), ("family_name", family)):
            if word := _whole(word, LONGEST_NAME, draft, entry.header):
                draft.values[key] = word

    return step


def moment_step(entry: Entry, put: Callable[[Draft, dt.datetime], None]) -> Step:
    read = value_step(entry, "at", Moment(), None)

    def step(cell: Any, draft: Draft, parts: Parts) -> None:
        read(cell, draft, parts)
        if (found := draft.values.pop("at", None)) is not None:
            put(draft, found)

    return step


def value_step(entry: Entry, key: str, kind: Any, actor: Any) -> Step:
    """Read the cell by its kind. Words of kinds whose values never change are remembered."""
    if isinstance(kind, Phones) and entry.region:
        kind = Phones(entry.region)
    prepare = _prepared(entry)
    memo: dict[str, Any] | None = {} if isinstance(kind, (Choice, Bool, Day, Number)) else None
    usual = USUAL.get(key, ())
    adds_up = isinstance(kind, LongText)

    def step(cell: Any, draft: Draft, parts: Parts) -> None:
        if memo is not None and isinstance(cell, str) and cell in memo:
            draft.values[key] = memo[cell]
            return
        given = cell
        try:
            given = prepare(cell) if prepare else cell
            value = kind.parse(given, actor=actor)
        except Invalid as problem:
            sentence = problem.message.replace(f"“{given}”", f"“{cell}”")  # the words of the file, not ours
            _refused(draft, entry, cell, Invalid(sentence), kind)
            return
        if memo is not None and isinstance(cell, str):
            if len(memo) >= MEMO:
                memo.clear()
            memo[cell] = value
        if value not in (None, "", []):
            draft.values[key] = f"{draft.values[key]}\n{value}" if adds_up and key in draft.values else value
            if usual and odd_spelling(str(value), usual):
                draft.odd.append((entry.header, entry.to, str(cell)[:300], "spelling"))

    return step


def _prepared(entry: Entry) -> Callable[[Any], Any] | None:
    """The rewriting a mapping asks for, or None."""
    if entry.multiply:
        by, decimal = Decimal(entry.multiply), entry.decimal
        return lambda cell: multiplied(plain_number(cell, decimal) if decimal and isinstance(cell, str) else cell, by)
    if entry.decimal:
        return lambda cell: plain_number(cell, entry.decimal) if isinstance(cell, str) else cell
    if entry.order:
        return lambda cell: dated(cell, entry.order) if isinstance(cell, str) else cell
    return None
