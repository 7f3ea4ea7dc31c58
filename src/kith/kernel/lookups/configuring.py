"""Views that everybody finds as a chapter of the configuration: views/deal late.yaml. One's own, and those of a team, stay."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from kith.kernel.access.actor import Actor
from kith.kernel.configuration.chapters import Change, Chapter, Document, Item, Key
from kith.kernel.configuration.references import reference, referred, with_names, with_numbers
from kith.kernel.errors import Invalid, InvalidMany
from kith.kernel.lookups.actions import change_view, delete_view, save_view
from kith.kernel.lookups.models import SavedView, Sharing
from kith.kernel.lookups.state import ListState, of_saved
from kith.kernel.lookups.tree import parse, to_text
from kith.kernel.records.registry import registry

TEXTS = ("record", "name", "filter", "query", "sort", "face", "by")
NAMES = ("record", "name", "filter", "query", "sort", "columns", "face", "by", "in")


class Views(Chapter):
    name, tells = "views", False

    @property
    def label(self) -> str:
        return _("Views that everybody finds")

    def after(self) -> tuple[str, ...]:
        return ("fields", "pipelines", "stages", "segments")

    def here(self, by: Actor) -> list[Item]:
        rows = SavedView.objects.filter(shared=Sharing.ALL).order_by("record", "name", "pk")
        return [Item((row.record, row.name), document_of(row), row) for row in rows if row.record in registry]

    def key(self, document: Document) -> Key:
        for name in ("record", "name"):
            if not isinstance(document.get(name), str) or not document[name]:
                raise Invalid(_("“%s” is missing; it tells this one from others.") % name, name)
        return (document["record"], document["name"])

    def checked(self, document: Document, by: Actor) -> Document:
        errors = {
            str(name): [_("A view has no “%(name)s”; it has %(known)s.") % {"name": str(name)[:60], "known": ", ".join(NAMES)}]
            for name in document if name not in NAMES
        }  # fmt: skip
        for name in TEXTS:
            if not isinstance(document.get(name, ""), str):
                errors[name] = [_("“%s” is text.") % name]
        columns = document.get("columns", [])
        if not isinstance(columns, list) or not all(isinstance(one, str) for one in columns):
            errors["columns"] = [_("“columns” is a list of fields.")]
        if document.get("record") not in registry:
            errors["record"] = [_("There is no record type “%s”.") % str(document.get("record"))[:60]]
        if errors:
            raise InvalidMany(errors)
        told = {"face": "list", **document}
        told["filter"] = to_text(parse(told.get("filter", "")))
        return {name: told[name] for name in NAMES if told.get(name)}

    def changes(self, old: Document, new: Document, by: Actor) -> list[Change]:
        return [
            Change(name, name, _words(old.get(name)), _words(new.get(name)))
            for name in NAMES
            if old.get(name) != new.get(name)
        ]

    def put(self, item: Item | None, document: Document, by: Actor) -> Any:
        state = state_of(document, by)
        if item is not None:
            return change_view(item.row, state, by=by)
        return save_view(registry[document["record"]], state, name=document["name"], shared=Sharing.ALL, by=by)

    def remove(self, item: Item, by: Actor) -> None:
        delete_view(item.row, by=by)

    def put_back(self, key: Key, before: Document | None, after: Document | None, by: Actor) -> list[str]:
        found = [item for item in self.here(by) if item.key == key and item.document == after] if after else []
        if after is not None and not found:
            return [_("The view “%s” was changed since and was left as it is.") % key[1]]
        if before is None:
            self.remove(found[0], by)
        else:
            self.put(found[0] if found else None, before, by)
        return []


def document_of(row: SavedView) -> Document:
    state = of_saved(row)
    told = {
        "record": row.record, "name": row.name, "filter": with_names(to_text(state.tree), row.record), "query": state.query,
        "sort": state.sort, "columns": list(state.columns), "face": state.face, "by": state.axis,
        "in": _place(row.record, state.place),
    }  # fmt: skip
    return {name: told[name] for name in NAMES if told[name]}


def state_of(document: Document, by: Actor) -> ListState:
    """The state that a file says, with the numbers that rows have here. Raises Invalid."""
    record = document["record"]
    place, target = document.get("in"), _target(record)
    return ListState(
        parse(with_numbers(document.get("filter", ""), record, by)), document.get("query", ""), document.get("sort", ""),
        tuple(document.get("columns", ())), document.get("face", "list"), document.get("by", ""),
        str(referred(target, place, by).pk) if place and target is not None else "",
    )  # fmt: skip


def _target(record: str) -> Any:
    """The type of whose rows a board shows one: a pipeline."""
    board = registry[record].board
    column = registry[record].columns().get(board.within) if board is not None and board.within else None
    return column.kind.record if column is not None else None  # type: ignore[attr-defined]  # such a column is a link


def _place(record: str, place: str) -> Any:
    target = _target(record)
    row = (
        target.model._default_manager.filter(pk=int(place)).first()
        if target is not None and place.isdecimal()
        else None
    )
    return reference(target, row) if row is not None else ""


def _words(value: Any) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value or "")
