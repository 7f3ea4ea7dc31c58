"""From the cells of a row to typed values, by a mapping that was compiled once for the whole file.

Nothing here asks the database, so reading can go on beside writing. Each column of the file becomes a few small
functions (`Step`); a value that cannot be read refuses the row with the column's name and the kind's own sentence.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _

from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid
from kith.kernel.intake.draft import Draft
from kith.kernel.intake.mapping import Entry, Mapping
from kith.kernel.intake.readers import Row
from kith.kernel.intake.spelling import near, odd_spelling
from kith.kernel.intake.synonyms import USUAL, label_of
from kith.kernel.intake.transforms import composed, composed_of, dated, multiplied, plain_number, split_name
from kith.kernel.kinds import Addresses, Bool, Choice, Country, Day, Link, LongText, Many, Moment, Number, Phones
from kith.kernel.kinds.cells import listed as listed_in
from kith.kernel.text import clean_text, fold

Step = Callable[[Any, Draft, "Parts"], None]
Parts = dict[str, dict[str, list[dict[str, Any]]]]  # many-valued column -> slot -> its entries
LONG_LIST = 12
SHOWN = 30  # characters of a text that is too long, to be recognised by
LONGEST_ID, LONGEST_WORDS, LONGEST_NAME = (
    200,
    300,
    150,
)  # characters of another system's id, of a link's words, of half a name
MEMO = 5_000  # different words remembered per column
EXTERNAL, CREATED, HISTORY = "external_id", "created_at", "history"


class Reader:
    """`draft(row)` for every row of a file. `columns` are those the actor may bring in, by key."""

    def __init__(self, mapping: Mapping, columns: dict[str, Any], headers: list[str], actor: Actor):
        at = {h: i for i, h in enumerate(headers)}
        mapping = mapping.in_order_of(headers)
        self.mapping, self.columns, self.actor = mapping, columns, actor
        self.steps: list[tuple[int, Step]] = []
        self.many: dict[str, str] = {}  # many-valued columns put together from several, and what to call them
        for n, entry in sorted(enumerate(mapping.entries), key=lambda pair: pair[1].split):  # whole names last
            if entry.header in at:
                self.steps.append((at[entry.header], _converted(entry, self._step(entry, n))))
        self.composed = [(key, text, [(h, at[h], _words(mapping, h)) for h in composed_of(text) if h in at])
                         for key, text in mapping.compose.items()]  # fmt: skip
        self.constants, self.constant_links = self._constants()

    def draft(self, row: Row) -> Draft:
        draft = Draft(row.number, row.cells, row.extra)
        if row.problem:
            draft.refuse(row.problem)
            return draft
        parts: Parts = {}
        cells = row.cells
        for position, step in self.steps:
            cell = cells[position]
            if cell != "" and cell is not None:
                step(cell, draft, parts)
        if parts:
            self._gather(draft, parts)
        for key, text, used in self.composed:
            if key not in draft.values and (words := composed(text, {h: read(cells[i]) for h, i, read in used})):
                self._take(draft, key, words, key)
        self._fill_in(draft)
        return draft

    def _fill_in(self, draft: Draft) -> None:
        for key, value in self.constants.items():
            if key not in draft.values and key not in draft.links:
                draft.values[key] = value.copy() if isinstance(value, list) else value
        for key, link in self.constant_links.items():
            if key not in draft.values and key not in draft.links:
                draft.links[key] = link

    def _constants(self) -> tuple[dict[str, Any], dict[str, tuple[Entry, str]]]:
        plain, links = {}, {}
        for key, given in self.mapping.constants.items():
            kind = self.columns[key].kind
            if isinstance(kind, Link):
                links[key] = (Entry(header=self.columns[key].label, to=key, missing="reject"), str(given))
            else:
                plain[key] = kind.parse(given, actor=self.actor)
        return plain, links

    # --- what one column does
    def _step(self, entry: Entry, n: int) -> Step:
        if entry.to == EXTERNAL:
            return _external(entry)
        if entry.to == CREATED:
            return _moment(entry, lambda draft, at: setattr(draft, "at", at))
        if entry.to == HISTORY:
            return _moment(entry, lambda draft, at: draft.history.append((entry, at)))
        kind = self.columns[entry.target].kind
        if isinstance(kind, Link):
            return _link(entry)
        if entry.split:
            return _names(entry)
        if isinstance(kind, Many) and self._has_parts(entry):
            return self._part(entry, kind, n)
        return _value(entry, entry.target, kind, self.actor)

    def _has_parts(self, entry: Entry) -> bool:
        """Several columns, or parts of one value, make up this list; otherwise the kind reads the cell whole."""
        same = [e for e in self.mapping.entries if e.target == entry.target]
        return len(same) > 1 or bool(entry.part or entry.label)

    def _part(self, entry: Entry, kind: Many, n: int) -> Step:
        same = [
            e.header
            for e in self.mapping.entries
            if e.target == entry.target and (not e.part or isinstance(kind, Addresses))
        ]
        target, slot = entry.target, entry.slot or ("" if isinstance(kind, Addresses) else self._own_slot(entry, n))
        self.many[target] = " + ".join(dict.fromkeys(same)) or entry.header
        whole, listed, place = isinstance(kind, Addresses), entry.part, f"{entry.target}#{n}"
        one_of = _value(entry, place, kind, self.actor)  # its own sentence for a cell that cannot be read
        country = _value(entry, entry.to, Country(), self.actor) if entry.part == "country" else None
        label = {"label": entry.label} if entry.label else {}

        def step(cell: Any, draft: Draft, parts: Parts) -> None:
            held = parts.setdefault(target, {}).setdefault(slot, [])
            if country:
                country(cell, draft, parts)
                if code := draft.values.pop(entry.to, ""):
                    held.append({"country": code, **label})
            elif listed == "label":
                held.append({"label": label_of(str(cell), kind.labels)})
            elif listed:
                held.append({listed: cell, **label})
            elif isinstance(cell, str) and not whole:
                one_of(cell, draft, parts)
                held.extend({**one, **label} for one in draft.values.pop(place, ()))
            elif isinstance(cell, str) and not (found := listed_in(cell)):
                held.append({"street": cell, "label": entry.label})
            elif whole:  # each of several addresses for itself
                for n, one in enumerate(_listed(found if isinstance(cell, str) else cell, entry.label)):
                    parts[target].setdefault(f"{slot}/{n}", []).append(one)
            else:
                held.extend(_listed(cell, entry.label))

        return step

    def _own_slot(self, entry: Entry, n: int) -> str:
        """Where nobody said which value a label belongs to, it is the one before it in the file, else the first."""
        if entry.part != "label":
            return f"#{n}"
        values = [(at, e) for at, e in enumerate(self.mapping.entries) if e.target == entry.target and not e.part]
        at, of = max((v for v in values if v[0] < n), default=values[0] if values else (n, entry), key=lambda v: v[0])
        return of.slot or f"#{at}"

    def _gather(self, draft: Draft, parts: Parts) -> None:
        """The list of every many-valued column from its parts, each slot one address or several values of one label."""
        for key, slots in parts.items():
            if isinstance(self.columns[key].kind, Addresses):
                entries = [{k: v for one in held for k, v in one.items()} for held in slots.values() if held]
            else:
                entries = [e for held in slots.values() for e in _labelled(held)]
            if entries:
                self._take(draft, key, entries, self.many[key])

    def _take(self, draft: Draft, key: str, raw: Any, header: str) -> None:
        """A value put together from several cells, under the rule of the first column that gave it."""
        kind = self._kind(key)
        try:
            value = kind.clean(raw) if isinstance(raw, list) else kind.parse(raw, actor=self.actor)
        except Invalid as problem:
            entry = next((e for e in self.mapping.entries if e.target == key), None)
            if entry is not None and entry.invalid == "blank":
                draft.notes.append(f"{header}: {problem.message}")
            else:
                draft.refuse(problem.message, header)
            return
        if value not in (None, "", []):
            draft.values[key] = value

    def _kind(self, key: str) -> Any:
        kind = self.columns[key].kind
        if isinstance(kind, Phones):
            region = next((e.region for e in self.mapping.entries if e.target == key and e.region), "")
            return Phones(region) if region else kind
        return kind


def _labelled(held: list[dict[str, Any]]) -> list[dict[str, Any]]:
    label = next((one["label"] for one in held if "value" not in one and one.get("label")), "")
    return [{"value": one["value"], "label": one.get("label") or label} for one in held if "value" in one]


def _listed(cell: Any, label: str) -> list[dict[str, Any]]:
    """Entries of a cell that is a list or an object already (JSON)."""
    items = cell if isinstance(cell, list) else [cell]
    return [{"label": label, **i} if isinstance(i, dict) else {"value": i, "label": label} for i in items]


def _converted(entry: Entry, step: Step) -> Step:
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


def _words(mapping: Mapping, header: str) -> Callable[[Any], str]:
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
        sentence = _no_choice(str(cell), tuple(str(v) for v in kind.options.values())) or sentence
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


def _external(entry: Entry) -> Step:
    def step(cell: Any, draft: Draft, parts: Parts) -> None:
        draft.external = _whole(clean_text(str(cell)), LONGEST_ID, draft, entry.header)

    return step


def _link(entry: Entry) -> Step:
    def step(cell: Any, draft: Draft, parts: Parts) -> None:
        first, other = ("id", "name") if entry.by in ("id", "external_id") else ("name", "id")
        given = cell.get(first, cell.get(other, "")) if isinstance(cell, dict) else cell
        words = "" if given is None else clean_text(str(given)).strip()
        if words := _whole(words, LONGEST_WORDS, draft, entry.header):
            draft.links[entry.to] = (entry, words)

    return step


def _names(entry: Entry) -> Step:
    def step(cell: Any, draft: Draft, parts: Parts) -> None:
        if "given_name" in draft.values or "family_name" in draft.values:
            return  # its parts stand in columns of their own
        given, family = split_name(clean_text(str(cell)))
        for key, word in (("given_name", given), ("family_name", family)):
            if word := _whole(word, LONGEST_NAME, draft, entry.header):
                draft.values[key] = word

    return step


def _moment(entry: Entry, put: Callable[[Draft, dt.datetime], None]) -> Step:
    read = _value(entry, "at", Moment(), None)

    def step(cell: Any, draft: Draft, parts: Parts) -> None:
        read(cell, draft, parts)
        if (found := draft.values.pop("at", None)) is not None:
            put(draft, found)

    return step


def _value(entry: Entry, key: str, kind: Any, actor: Any) -> Step:
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
