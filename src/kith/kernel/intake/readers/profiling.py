"""What the columns of a table seem to hold, to propose a mapping.

Each kind looks at the values on its own; the first that fits nearly all of them is proposed. A proposal that leaves
anything open says so in `ambiguous`, so that a person decides and nothing is guessed in silence.
"""

from __future__ import annotations

import datetime
import json
from collections import Counter
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from . import guesses
from .guesses import Guess
from .table import Table
from .words import _, short

ENOUGH = 0.9  # share of the filled values that must fit a kind
SAMPLES = 5


@dataclass(frozen=True)
class ColumnProfile:
    """One column as the first rows show it.

    `filled` is the share of rows with a value (0 to 1) among `rows` looked at, `samples` the first distinct values.
    `kind` is one of email, phone, day, moment, money, number, boolean, url, country, choice, text, empty. `options`
    hold what was found about it: order (DMY, MDY, YMD, or "" when open), decimal ("." or ","), currency, true and
    false words, choices with their counts.
    """

    header: str
    position: int
    rows: int
    filled: float
    distinct: int
    samples: list[Any]
    kind: str
    ambiguous: str = ""
    options: dict[str, Any] = field(default_factory=dict)


def profile(table: Table, sample: int = 500) -> list[ColumnProfile]:
    """One profile per column, from the first `sample` rows that are whole."""
    rows = [row.cells for row in islice((row for row in table.rows() if not row.problem), sample)]
    columns = zip(*rows, strict=True) if rows else ([] for _header in table.headers)
    pairs = zip(table.headers, columns, strict=True)
    return [column(header, position, list(cells)) for position, (header, cells) in enumerate(pairs)]


def column(header: str, position: int, cells: list[Any]) -> ColumnProfile:
    """The profile of one column from its cells ("" where blank)."""
    values = [cell for cell in cells if not (isinstance(cell, str) and not cell.strip())]
    words = [shown(value) for value in values]
    guess = _guess(header, values, words) if values else Guess("empty")
    counts = Counter(words)
    return ColumnProfile(
        header=header,
        position=position,
        rows=len(cells),
        filled=len(values) / len(cells) if cells else 0.0,
        distinct=len(counts),
        samples=[value if isinstance(value, bytes) else short(word, 80) for word, value in _first(words, values)],
        kind=guess.kind,
        ambiguous=guess.doubt,
        options=guess.options,
    )


def shown(value: Any) -> str:
    """A cell as text for comparison; nested values as JSON."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    return value.isoformat() if isinstance(value, (datetime.date, datetime.time)) else str(value)


def _first(words: list[str], values: list[Any]) -> list[tuple[str, Any]]:
    distinct: dict[str, Any] = {}
    for word, value in zip(words, values, strict=True):
        distinct.setdefault(word, value)
        if len(distinct) == SAMPLES:
            break
    return list(distinct.items())


def _guess(header: str, values: list[Any], words: list[str]) -> Guess:
    if any(isinstance(value, (bytes, dict, list)) for value in values):
        return Guess("text")
    reasons = ""
    for kind in guesses.KINDS:
        guess = kind(header, words)
        if guess is None:
            continue
        if guess.kind == "text":
            reasons = reasons or guess.doubt  # a kind that almost fits says why it does not
        elif len(guess.others) <= len(words) * (1 - ENOUGH):
            return _with_others(guess, words)
    return guesses.choice(header, words) or Guess("text", doubt=reasons)


def _with_others(guess: Guess, words: list[str]) -> Guess:
    if not guess.others:
        return guess
    sentence = _("{count} of {all} values do not fit this, for example “{example}”.").format(
        count=len(guess.others), all=len(words), example=short(guess.others[0], 40)
    )
    return Guess(guess.kind, guess.options, f"{guess.doubt} {sentence}".strip(), guess.others)
