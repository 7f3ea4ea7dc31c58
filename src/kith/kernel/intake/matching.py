"""Which rows are there already, asked for a whole batch at once, and which rows of the file say the same twice.

Only rows the actor may see are ever matched, so an import tells nobody that a hidden row exists: such a row counts as
absent. Blank never equals blank. The first column of the mapping's `match` that finds something decides; an external id
always comes first. A row that was archived matches only when no other does, and is brought back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.postgres.indexes import GinIndex
from django.db import connection
from django.db.models import BooleanField
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext as _

from kith.kernel.access.actor import Actor
from kith.kernel.intake.draft import Draft
from kith.kernel.intake.links import folds
from kith.kernel.intake.mapping import Mapping
from kith.kernel.intake.reading import EXTERNAL
from kith.kernel.kinds import Many
from kith.kernel.records.queries import by_external_ids
from kith.kernel.text import fold

SMALL = 2_000
IDENTIFIED = ("emails", "phones", "domain")  # columns whose normalised forms stand in `identifiers`


class Matcher:
    """Recognises rows of one record type by `by`, the columns of `match` in order."""

    def __init__(self, record: Any, mapping: Mapping, columns: dict[str, Any], actor: Actor):
        self.record, self.mapping, self.columns, self.actor = record, mapping, columns, actor
        self.by = match_columns(record, mapping)
        self.small: bool | None = None
        self.identifying = [k for k in self.by if k in IDENTIFIED and _has_identifiers(record)]

    def recognise(self, drafts: list[Draft]) -> None:
        """Set `keys`: what each row is recognised by, the same for two rows that mean the same one."""
        for draft in drafts:
            keys = [f"{EXTERNAL}:{draft.external}"] if draft.external else []
            for key in self.by:
                keys += [f"{key}:{word}" for word in self._words(draft, key)]
            draft.keys = [k[:400] for k in keys]

    def _words(self, draft: Draft, key: str) -> list[str]:
        value = draft.values.get(key)
        if value in (None, "", []):
            return []
        if key in self.identifying:
            return identify(self.record, {key: value})
        return words_of(self.columns[key].kind, value)

    def find(self, drafts: list[Draft]) -> None:
        """Set `existing` (a whole row) where there is one; refuse what means several rows at once."""
        open_ = [d for d in drafts if not d.refused]
        found: dict[int, list[int]] = {}
        self._by_external([d for d in open_ if d.external], found)
        for key in self.by:
            self._ask(key, [d for d in open_ if d.number not in found], found)
        rows = self._rows({pk for pks in found.values() for pk in pks})
        for draft in open_:
            self._settle(draft, [rows[pk] for pk in found.get(draft.number, []) if pk in rows])

    def _settle(self, draft: Draft, rows: list[Any]) -> None:
        live = [r for r in rows if getattr(r, "archived_at", None) is None] or rows
        if len(live) > 1:
            names = ", ".join(f"{self.record.name_of(r)} ({r.pk})" for r in live[:3])
            draft.refuse(
                _("This row means several that are there already: %s. Merge them first, or match by something else.")
                % names
            )
        elif live:
            draft.existing = live[0]

    def _rows(self, pks: set[int]) -> dict[int, Any]:
        if not pks:
            return {}
        rows = self.record.rows(self.actor).filter(pk__in=pks)
        return {
            row.pk: row
            for row in self.record.listing(rows, [self.columns[k] for k in self.columns if self.columns[k].related])
        }

    def _by_external(self, drafts: list[Draft], found: dict[int, list[int]]) -> None:
        if not drafts:
            return
        ids = by_external_ids(self.record.name, self.mapping.source, [d.external for d in drafts])
        for draft in drafts:
            if draft.external in ids:
                found[draft.number] = [ids[draft.external]]

    def _ask(self, key: str, drafts: list[Draft], found: dict[int, list[int]]) -> None:
        """One query for the words of all rows: {row number: ids} is added to `found`."""
        words = {d.number: [k[len(key) + 1 :] for k in d.keys if k.startswith(f"{key}:")] for d in drafts}
        wanted = {w for ws in words.values() for w in ws}
        if not wanted:
            return
        holders: dict[str, list[int]] = {}
        for word, pk in self._holders(key, wanted, [d.values[key] for d in drafts if key in d.values]):
            holders.setdefault(word, []).append(pk)
        for number, own in words.items():
            if pks := list(dict.fromkeys(pk for w in own for pk in holders.get(w, []))):
                found[number] = pks

    def _holders(self, key: str, wanted: set[str], values: list[Any]) -> Iterable[tuple[str, int]]:
        """(word, id) of every row that holds one of the words."""
        rows = self.record.rows(self.actor).order_by()
        if key in self.identifying:
            table = self.record.model._meta.db_table
            overlap = RawSQL(f'"{table}".identifiers && %s::varchar[]', [list(wanted)], BooleanField())  # noqa: S611
            with by_index():
                found = list(rows.filter(overlap).values_list("pk", "identifiers"))
            yield from ((word, pk) for pk, held in found for word in held if word in wanted)
            return
        if key == self.record.title and folds(self.record):
            yield from rows.filter(sort_name__in=[w[:300] for w in wanted]).values_list("sort_name", "pk")
            return
        column = self.columns[key]
        if self.small is None:
            self.small = rows.count() <= SMALL
        if not self.small:  # exactly as written; only small tables and folded names are compared folded
            rows = rows.annotate(**{column.alias: column.computed()}) if column.custom else rows
            rows = rows.filter(
                **{f"{column.lookup}__in": [column.kind.dump(v) if column.custom else v for v in values]}
            )
        for row in rows:
            held = column.get(row)
            for word in words_of(column.kind, held):
                if word in wanted:
                    yield word, row.pk


@contextmanager
def by_index() -> Iterator[None]:
    """The planner takes a thousand identifiers for a reason to read the whole table; the index is always quicker."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        yield
        cursor.execute("SET LOCAL enable_seqscan = on")


def words_of(kind: Any, value: Any) -> list[str]:
    """What a value is compared by; nothing for a blank."""
    if value in (None, "", []):
        return []
    if isinstance(kind, Many):
        return [kind.key(e["value"]) for e in value]
    return [fold(kind.edit(value))]


def match_columns(record: Any, mapping: Mapping) -> tuple[str, ...]:
    """The columns rows are matched by: those the mapping names, else the first of the type's own that is mapped."""
    if mapping.match is not None:
        return tuple(k for k in mapping.match if k != EXTERNAL)
    mapped = {e.target for e in mapping.entries} | set(mapping.compose) | set(mapping.constants)
    if mapping.to(EXTERNAL):
        return ()
    return next(((k,) for k in record.match if k in mapped), ())


def identify(record: Any, values: dict[str, Any]) -> list[str]:
    """Normalised identifiers of some values, by the type's own rule (`Record.identify`), else as a row derives them."""
    own = getattr(record, "identify", None)
    if own is not None:
        return list(own(values))
    row, columns = record.model(), record.columns()
    for key, value in values.items():
        columns[key].put(row, value)
    row.derive()
    return list(row.identifiers)


def flush_pending(record: Any) -> None:
    """Fold new entries into the identifiers' index, which otherwise searches them one by one until it has many."""
    names = [i.name for i in record.model._meta.indexes if isinstance(i, GinIndex) and i.fields == ["identifiers"]]
    with connection.cursor() as cursor:
        for name in names:
            cursor.execute("SELECT gin_clean_pending_list(%s::regclass)", [name])


def _has_identifiers(record: Any) -> bool:
    return any(f.name == "identifiers" for f in record.model._meta.fields)
