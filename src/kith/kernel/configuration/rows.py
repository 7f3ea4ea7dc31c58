"""Rows of a record type as a chapter of the configuration: what its declaration says, and no more."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from kith.kernel.access.actor import Actor
from kith.kernel.configuration.chapters import Change, Chapter, Document, Item, Key
from kith.kernel.configuration.references import key_columns, say
from kith.kernel.errors import Invalid, InvalidMany
from kith.kernel.kinds import EMPTY, Link
from kith.kernel.records import actions
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.records.columns import Column
from kith.kernel.records.models import Owned, RecordModel
from kith.kernel.records.registry import registry

OWNED = {f.name for f in Owned._meta.get_fields()}  # who looks after a row is no configuration


MOST_ARCHIVED = 500  # put away last, among which one that comes back is looked for


class RowChapter(Chapter):
    def __init__(self, record: Any):
        self.record, self.said = record, record.configured
        self.name = record.slug
        self.publishes = bool(self.said.publish)

    @property
    def label(self) -> str:
        return str(self.record.plural)

    def after(self) -> tuple[str, ...]:
        targets = [c.kind.target for c in self.record.columns().values() if isinstance(c.kind, Link) and c.writable]
        named = (*targets, *self.said.after)
        return ("fields", *(registry[name].slug for name in named if name in registry and name != self.record.name))

    def columns(self) -> dict[str, Column]:
        """Columns in the file, the key first, then as the form has them."""
        left = {*self.said.leaves, *(OWNED if issubclass(self.record.model, Owned) else ())}
        keys = key_columns(
            self.record
        )  # also one that Kith makes of the name, or what names it would no longer find it
        found = {
            key: c
            for key, c in self.record.columns().items()
            if (c.writable or key in keys) and key not in left and not c.kind.secret
        }
        order = [*keys, *(key for section in self.record.form for key in section.keys)]
        return {key: found[key] for key in dict.fromkeys([*order, *found]) if key in found}

    def here(self, by: Actor) -> list[Item]:
        rows = self.record.rows(by, archived=False if issubclass(self.record.model, RecordModel) else None)
        columns = self.columns()
        linked = [r for c in columns.values() for r in c.related]
        rows = rows.filter(self.said.only).select_related(*linked).order_by("pk")
        return sorted(self._items(list(rows), columns), key=lambda item: [str(part) for part in item.key])

    def _items(self, rows: list[Any], columns: dict[str, Column]) -> list[Item]:
        counts = self.said.in_force(rows) if self.said.in_force is not None else {}
        return [self._item(row, columns, counts.get(row.pk)) for row in rows]

    def _item(self, row: Any, columns: dict[str, Column], document: Document | None) -> Item:
        told = self._told(row, columns)
        draft = self.said.draft
        if not document:
            return Item(self.key(told), told, row, told if draft and told.get(draft) else None)
        counts = {**told, draft: columns[draft].kind.outward(document)}
        return Item(self.key(told), counts, row, told if told != counts else None)

    def _told(self, row: Any, columns: dict[str, Column]) -> Document:
        bare = self._bare(columns)
        out = {key: self._outward(column, column.get(row), row) for key, column in columns.items()}
        return {key: data for key, data in out.items() if not (data in EMPTY and bare[key] in EMPTY)}

    def _outward(self, column: Column, value: Any, row: Any) -> Any:
        if column.key in self.said.filters and value:
            from kith.kernel.configuration.references import with_names

            return with_names(value, str(getattr(row, self.said.filters[column.key])))
        return column.kind.outward(value)

    def _bare(self, columns: dict[str, Column]) -> Document:
        """What a new row says where nobody said anything."""
        fresh = self.record.model()
        return {key: column.kind.dump(column.get(fresh)) for key, column in columns.items()}

    def key(self, document: Document) -> Key:
        out = []
        for name in key_columns(self.record):
            value = document.get(name)
            if value in EMPTY and name == self.record.title:
                raise Invalid(_("“%s” is missing; it tells this one from others.") % name, name)
            out.append(say(value) if value not in EMPTY else "")
        return tuple(out)

    def checked(self, document: Document, by: Actor) -> Document:
        columns = self.columns()
        out, errors = {}, {}
        for key in document:
            if key not in columns:
                errors[key] = [_("%(what)s has no “%(key)s”; it has %(known)s.") % {
                    "what": self.record.label, "key": str(key)[:60], "known": ", ".join(columns)}]  # fmt: skip
        for key, column in columns.items():
            if key in document:
                try:
                    out[key] = self._even(column, document[key], by)
                except Invalid as problem:
                    errors[key] = [problem.message]
        if errors:
            raise InvalidMany(errors)
        bare = self._bare(columns)
        filled = {key: out.get(key, bare[key]) for key in columns}
        return {key: data for key, data in filled.items() if not (data in EMPTY and bare[key] in EMPTY)}

    def _even(self, column: Column, data: Any, by: Actor) -> Any:
        if column.key in self.said.filters:
            from kith.kernel.lookups.tree import parse, to_text

            return to_text(parse(str(data or "")))
        return column.kind.even(data, actor=by)

    def changes(self, old: Document, new: Document, by: Actor) -> list[Change]:
        return [
            Change(key, column.label, self._show(column, old.get(key)), self._show(column, new.get(key)))
            for key, column in self.columns().items()
            if old.get(key) != new.get(key) and not (old.get(key) in EMPTY and new.get(key) in EMPTY)
        ]

    def _show(self, column: Column, data: Any) -> str:
        if data in EMPTY:
            return ""
        if isinstance(data, dict | list):
            return say(data) if isinstance(column.kind, Link) else self.text({column.key: data}).strip()
        return _("yes") if data is True else _("no") if data is False else str(data)

    def put(self, item: Item | None, document: Document, by: Actor) -> Any:
        if item is None and (away := self._put_away(document, by)) is not None:
            [item] = self._items([actions.restore(self.record, away, by=by)], self.columns())
        now = {} if item is None else item.prepared or item.document
        columns, errors, values = self.columns(), {}, {}
        fresh = self.record.model()
        for key, column in columns.items():
            if document.get(key) == now.get(key) or (item is None and key not in document):
                continue
            try:
                values[key] = self._inward(column, document, by) if key in document else column.get(fresh)
            except Invalid as problem:
                errors[key] = [problem.message]
        if errors:
            raise InvalidMany(errors)
        if item is None:
            return actions.create(self.record, values, by=by)
        values = {
            key: columns[key].kind.keeping(value, columns[key].get(item.row))
            for key, value in values.items()
            if columns[key].writable
        }
        return actions.edit(self.record, item.row, values, by=by) if values else item.row

    def _put_away(self, document: Document, by: Actor) -> Any:
        """A row of this key that was archived, the last of them: it comes back instead of a twin beside it."""
        if not issubclass(self.record.model, RecordModel):
            return None
        columns, wanted = self.columns(), self.key(document)
        rows = self.record.rows(by, archived=True).filter(self.said.only).order_by("-archived_at", "-pk")
        return next((item.row for item in self._items(list(rows[:MOST_ARCHIVED]), columns) if item.key == wanted), None)

    def _inward(self, column: Column, document: Document, by: Actor) -> Any:
        data = document[column.key]
        if column.key in self.said.filters:
            from kith.kernel.configuration.references import with_numbers

            return with_numbers(data or "", str(document.get(self.said.filters[column.key], "")), by)
        return column.kind.inward(data, actor=by)

    def remove(self, item: Item, by: Actor) -> None:
        actions.archive(self.record, item.row, by=by)

    def publish(self, row: Any, document: Document, by: Actor) -> None:
        draft = self.said.draft
        row = self.record.get(by, row.pk)
        if not document.get(draft):
            return
        counts = self.said.in_force([row]).get(row.pk) if self.said.in_force is not None else None
        if not counts or self.columns()[draft].kind.outward(counts) != document[draft]:
            row = perform(ACTIONS[self.said.publish], row, {}, by=by).result
            rests = ACTIONS.get(self.said.rests)
            if rests is not None and rests.applies(row):
                perform(rests, row, {}, by=by)
