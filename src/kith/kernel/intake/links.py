"""Links of a batch, resolved together: by external id, by exact folded name, by e-mail for colleagues, by id if asked.

A name that is only nearly right resolves to nothing; it is reported with suggestions (`spelling`), never taken. What to
do with a link to nothing is said per column: reject the row, make the other end, leave it blank, or let it wait.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from kith.kernel.access.actor import Actor
from kith.kernel.errors import KithError
from kith.kernel.intake.colleagues import placeholder
from kith.kernel.intake.draft import Draft
from kith.kernel.intake.mapping import Entry, Mapping
from kith.kernel.intake.transforms import split_name
from kith.kernel.kinds import Colleague
from kith.kernel.records.bulk_create import New, bulk_create
from kith.kernel.records.queries import by_external_ids
from kith.kernel.text import fold

SMALL = 2_000  # rows of a type up to which all its names are read at once
REMEMBERED = 20_000
Found = list[Any]  # no row, one row, or several of that name


class Links:
    """One resolver for a whole file; what it found is remembered, what it did not find is asked again each batch."""

    def __init__(self, mapping: Mapping, columns: dict[str, Any], actor: Actor, lane: str = ""):
        self.mapping, self.columns, self.actor, self.lane = mapping, columns, actor, lane
        self.known: dict[tuple[str, str, str], Found] = {}
        self.small: dict[str, dict[str, Found]] = {}
        self.made: dict[tuple[str, str], Any] = {}  # rows made in this file, by type and folded name

    def forget(self) -> None:
        """What was found may be gone: a dry run took its batch back, or rows were just added."""
        self.known.clear()
        self.small.clear()
        self.made.clear()

    def resolve(self, drafts: list[Draft]) -> None:
        """Turn the links of drafts that are still in into values, refusals, notes or waits."""
        drafts = [d for d in drafts if not d.refused and (d.links or d.history)]
        for key in dict.fromkeys(k for d in drafts for k in d.links):
            self._look_up(
                key, {(d.links[key][0].by, d.links[key][0].source, d.links[key][1]) for d in drafts if key in d.links}
            )
        for draft in drafts:
            unsure = {}
            for key, (entry, words) in draft.links.items():
                found = self._found(key, entry, words)
                if len(found) > 1:
                    unsure[key] = (entry, words, found)
                else:
                    self._take(draft, key, entry, words, found)
            for key, (entry, words, found) in unsure.items():
                agreeing = [row for row in found if _agrees(row, draft)]
                self._take(draft, key, entry, words, agreeing if len(agreeing) == 1 else found)
            if draft.history:
                self._history(draft)

    def _found(self, key: str, entry: Entry, words: str) -> Found:
        if words == "me" and isinstance(self.columns[key].kind, Colleague) and self.actor.user is not None:
            return [self.actor.user]
        return self.known.get((key, entry.by + entry.source, words), [])

    def _look_up(self, key: str, wanted: set[tuple[str, str, str]]) -> None:
        target = self.columns[key].kind.record
        if len(self.known) > REMEMBERED:
            self.known.clear()
        for by, own in {(by, source) for by, source, _words in wanted}:
            source = own or self.mapping.source
            words = [w for b, s, w in wanted if (b, s) == (by, own) and not self.known.get((key, by + own, w))]
            found: dict[str, Found] = {}
            if by in ("", "external_id") and source:
                found |= _by_external(target, source, words, self.actor)
            if by == "id":
                found |= _by_id(target, words, self.actor)
            if by in ("", "name", "email"):
                found |= self._by_name(self.columns[key].kind, [w for w in words if w not in found])
            for word, rows in found.items():
                self.known[key, by + own, word] = rows

    def _by_name(self, kind: Any, words: list[str]) -> dict[str, Found]:
        """Small types are read whole and compared folded; what their names do not answer, their kind may ("Sales / Won")."""
        target = kind.record
        if not words:
            return {}
        if target.name not in self.small and (is_directory(target) or target.settings):
            rows = list(target.rows(self.actor)[: SMALL + 1])
            if len(rows) <= SMALL:
                self.small[target.name] = _directory(target, rows)
        if target.name in self.small:
            names, rows = self.small[target.name], target.rows(self.actor)
            return {w: names.get(fold(w)) or ([] if is_directory(target) else kind._by_name(rows, w)) for w in words}
        return _by_folded_name(target, words, self.actor)

    # --- what becomes of it
    def _take(self, draft: Draft, key: str, entry: Entry, words: str, found: Found) -> None:
        target = self.columns[key].kind.record
        if len(found) == 1:
            draft.values[key] = found[0]
            if self.made and (target.name, fold(words)) in self.made:
                draft.odd.append((entry.header, entry.to, words, "create"))  # every row that it is made for
            return
        what = str(target.label).lower()
        if found:
            draft.odd.append((entry.header, entry.to, words, "several"))
            self._without(draft, entry, _("More than one %(what)s is called “%(v)s”.") % {"what": what, "v": words})
            return
        policy = policy_of(entry)
        if policy == "create":
            self._make(draft, key, entry, words)
            return
        draft.odd.append((entry.header, entry.to, words, "missing"))
        if policy == "wait":
            by = "id" if entry.by == "external_id" else "name"
            draft.waits.append((key, by, (entry.source or self.mapping.source) if by == "id" else "", words))
        else:
            self._without(draft, entry, _("There is no %(what)s “%(v)s”.") % {"what": what, "v": words})

    def _without(self, draft: Draft, entry: Entry, sentence: str) -> None:
        if entry.missing == "blank":
            draft.notes.append(f"{entry.header}: {sentence}")
        else:
            draft.refuse(sentence, entry.header)

    def _make(self, draft: Draft, key: str, entry: Entry, words: str) -> None:
        """The other end of a link, made from its name because the mapping says so."""
        kind = self.columns[key].kind
        draft.odd.append((entry.header, entry.to, words, "create"))
        place = (kind.record.name, fold(words))
        try:
            row = self.made.get(place) or (
                placeholder(words, by=self.actor)
                if isinstance(kind, Colleague)
                else make_named(kind.record, words, self.actor)
            )
        except KithError as problem:
            draft.refuse(problem.message, entry.header)
            return
        self.made[place] = row
        self.known[key, entry.by + entry.source, words] = [row]
        self.small.pop(kind.record.name, None)
        draft.values[key] = row

    def _history(self, draft: Draft) -> None:
        """[(lane, moment it was entered)], oldest first, for types that keep such a history."""
        kind = self.columns[self.lane].kind
        out = []
        for entry, at in draft.history:
            found = [r for r in self._by_name(kind, [entry.entered])[entry.entered] if _agrees(r, draft)]
            if len(found) != 1:
                draft.refuse(
                    _("There is no %(what)s “%(v)s”.") % {"what": str(kind.record.label).lower(), "v": entry.entered},
                    entry.header,
                )
                return
            out.append((found[0], at))
        draft.values["history"] = sorted(out, key=lambda pair: pair[1])


def policy_of(entry: Entry) -> str:
    """What becomes of a link to nothing: an id of another system may still come, a name is more likely misspelt."""
    return entry.missing or ("wait" if entry.by == "external_id" else "reject")


def is_directory(target: Any) -> bool:
    """Colleagues and teams, which are no records."""
    return target.name in ("user", "team")


def _directory(target: Any, rows: Iterable[Any]) -> dict[str, Found]:
    """Rows of a small type by folded name; colleagues also by e-mail. Archived rows are only taken when no other has the name."""
    out: dict[str, Found] = {}
    archived: dict[str, Found] = {}
    for row in rows:
        place = archived if getattr(row, "archived_at", None) else out
        place.setdefault(fold(target.name_of(row)), []).append(row)
        if email := getattr(row, "email", "") if target.name == "user" else "":
            place.setdefault(fold(email), []).append(row)
    return {**archived, **out}


def _by_external(target: Any, source: str, words: list[str], actor: Actor) -> dict[str, Found]:
    ids = by_external_ids(target.name, source, words) if words else {}
    rows = {row.pk: row for row in _few_columns(target, actor).filter(pk__in=set(ids.values()))} if ids else {}
    return {word: [rows[pk]] for word, pk in ids.items() if pk in rows}


def _by_id(target: Any, words: list[str], actor: Actor) -> dict[str, Found]:
    ids = {int(w): w for w in words if w.isdecimal() and len(w) < 19}
    return {ids[row.pk]: [row] for row in _few_columns(target, actor).filter(pk__in=list(ids))}


def _by_folded_name(target: Any, words: list[str], actor: Actor) -> dict[str, Found]:
    """Types that keep a folded name (`sort_name`) are compared folded, all others exactly as written."""
    rows = _few_columns(target, actor, live(target, actor))
    folded = folds(target)
    key = (lambda w: fold(w)[:300]) if folded else (lambda w: w)
    by_key: dict[str, Found] = {}
    path = "sort_name" if folded else target.title
    for row in rows.filter(**{f"{path}__in": {key(w) for w in words}}):
        by_key.setdefault(getattr(row, path), []).append(row)
    return {w: by_key.get(key(w), []) for w in words}


def folds(target: Any) -> bool:
    """Does the type keep its folded name?"""
    return any(f.name == "sort_name" for f in target.model._meta.fields)


def live(target: Any, actor: Actor) -> Any:
    """Rows the actor may see that are not archived, of types that know archiving."""
    rows = target.rows(actor)
    if any(f.name == "archived_at" for f in target.model._meta.fields):
        rows = rows.filter(archived_at__isnull=True)
    return rows


def _few_columns(target: Any, actor: Actor, rows: Any = None) -> Any:
    """Rows the actor may see; big types without the columns that a link never needs."""
    rows = target.rows(actor) if rows is None else rows
    if is_directory(target) or target.settings:
        return rows
    return rows.defer("search", "tsv", "custom")


def _agrees(row: Any, draft: Draft) -> bool:
    """Does a candidate stand with the row's other links (a stage with the pipeline given beside it)?"""
    return all(
        getattr(row, f"{key}_id") == value.pk
        for key, value in draft.values.items()
        if hasattr(value, "pk") and hasattr(row, f"{key}_id")
    )


def make_named(target: Any, words: str, actor: Actor) -> Any:
    """A row that is known by its name only. Raises Invalid, NotAllowed."""
    columns = target.columns()
    problems: list[KithError] = []
    if target.title in columns and columns[target.title].writable:
        values = {target.title: columns[target.title].kind.parse(words)}
    elif {"given_name", "family_name"} <= set(columns):
        values = dict(zip(("given_name", "family_name"), split_name(words), strict=True))
    else:
        values = {}
    row = bulk_create(target, [New(values)], by=actor, refused=lambda _n, problem: problems.append(problem))[0]
    if row is None:
        raise problems[0]
    return row
