"""The registry: every record type by name, frozen after start-up. Faces read it; nothing changes it later."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kith.kernel.records.columns import Column, Facts
    from kith.kernel.records.record import Record


class Registry:
    def __init__(self) -> None:
        self._records: dict[str, type[Record]] = {}
        self._columns: dict[str, dict[str, Column]] = {}

    def add(self, record: type[Record]) -> None:
        """Called by declaring a `Record`; a name or a model declared twice refuses to start."""
        if not record.name or not record.slug:
            raise TypeError(f"{record.__module__}.{record.__name__}: a record declares name and slug.")
        if record.name in self._records:
            raise TypeError(f"{record.__module__}: the record type “{record.name}” is declared twice.")
        self._records[record.name] = record

    def lend(self, record: str, key: str, facts: Facts) -> None:
        """Give a type of another room a computed column, which that room does not know of: what deals make of a company.
        Called at start-up; the column must be computed (`Facts(expr=…)`)."""
        known = self._records[record].fields
        if key in known or facts.expr is None:
            raise TypeError(f"{record}.{key}: only a computed column that is not there yet can be lent.")
        self._records[record].fields = {**known, key: facts}
        self._columns.pop(record, None)

    def lend_actions(self, record: str, *actions: Any, events: tuple[Any, ...] = ()) -> None:
        """Give a type of a floor below verbs that its room does not know of, and the events they write: what sequences do
        with a person. Called at start-up."""
        borrower = self._records[record]
        for action in actions:
            if action in borrower.actions:
                raise TypeError(f"{record}: the action “{action.name}” is there already.")
        borrower.actions = (*borrower.actions, *actions)
        borrower.events = (*borrower.events, *events)

    def lend_parts(self, record: str, *parts: Any) -> None:
        """Give a type of a floor below parts for programs that its room does not know of. Called at start-up."""
        borrower = self._records[record]
        for part in parts:
            if any(one.key == part.key for one in borrower.parts):
                raise TypeError(f"{record}: the part “{part.key}” is there already.")
        borrower.parts = (*borrower.parts, *parts)

    def __getitem__(self, name: str) -> type[Record]:
        return self._records[name]

    def __contains__(self, name: object) -> bool:
        return name in self._records

    def __iter__(self) -> Iterator[type[Record]]:
        return iter(self._records.values())

    def get(self, name: str) -> type[Record] | None:
        return self._records.get(name)

    def by_slug(self, slug: str) -> type[Record] | None:
        return next((r for r in self if r.slug == slug), None)

    def by_model(self, model: Any) -> type[Record] | None:
        return next((r for r in self if r.model is model or issubclass(model, r.model)), None)

    def name_of_model(self, model: Any) -> str:
        """Record name of a model class or its label; the name of a link's target may be asked before it registers."""
        for record in self:
            if record.model is model or record.model._meta.label == getattr(
                getattr(model, "_meta", None), "label", model
            ):
                return record.name
        raise TypeError(f"{model} is linked to but no Record declares it; add one to its package's records.py.")

    def fixed_columns(self, record: type[Record]) -> dict[str, Column]:
        if record.name not in self._columns:
            self._columns[record.name] = record.build_columns()
        return self._columns[record.name]


registry = Registry()
