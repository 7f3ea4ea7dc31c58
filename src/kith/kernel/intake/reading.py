"""From the cells of a row to typed values, by a mapping that was compiled once for the whole file.

Nothing here asks the database, so reading can go on beside writing. Each column of the file becomes a few small
functions (`Step`); a value that cannot be read refuses the row with the column's name and the kind's own sentence.
"""

from __future__ import annotations

from typing import Any

from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid
from kith.kernel.intake.draft import Draft
from kith.kernel.intake.mapping import Entry, Mapping
from kith.kernel.intake.readers import Row
from kith.kernel.intake.steps import (
    Parts,
    Step,
    converted,
    external_step,
    link_step,
    moment_step,
    names_step,
    value_step,
    words_of,
)
from kith.kernel.intake.synonyms import label_of
from kith.kernel.intake.transforms import composed, composed_of
from kith.kernel.kinds import Addresses, Country, Link, Many, Phones
from kith.kernel.kinds.cells import listed as listed_in

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
                self.steps.append((at[entry.header], converted(entry, self._step(entry, n))))
        self.composed = [(key, text, [(h, at[h], words_of(mapping, h)) for h in composed_of(text) if h in at])
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
            return external_step(entry)
        if entry.to == CREATED:
            return moment_step(entry, lambda draft, at: setattr(draft, "at", at))
        if entry.to == HISTORY:
            return moment_step(entry, lambda draft, at: draft.history.append((entry, at)))
        kind = self.columns[entry.target].kind
        if isinstance(kind, Link):
            return link_step(entry)
        if entry.split:
            return names_step(entry)
        if isinstance(kind, Many) and self._has_parts(entry):
            return self._part(entry, kind, n)
        return value_step(entry, entry.target, kind, self.actor)

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
        one_of = value_step(entry, place, kind, self.actor)  # its own sentence for a cell that cannot be read
        country = value_step(entry, entry.to, Country(), self.actor) if entry.part == "country" else None
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
