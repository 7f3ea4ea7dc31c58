"""Rows for a table: only the fields that its cells read. Making fifty rows of forty fields costs more than fetching them.

For faces that show nothing but cells; whoever looks at more of a row uses `Record.listing`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet

from kith.kernel.kinds import Money
from kith.kernel.records.columns import Column
from kith.kernel.records.models import RecordModel
from kith.kernel.records.record import Record
from kith.kernel.records.registry import registry


def lean_listing(
    record: Any, rows: QuerySet[Any], columns: list[Column], show: Iterable[Column] = (), also: Iterable[str] = ()
) -> QuerySet[Any]:
    """`record.listing(rows, columns)` with the fields that showing `columns`, the rows' names and `show` takes, no others.

    show: columns whose linked rows come from elsewhere (the directory), so that they are not joined. also: further
    fields of the row that somebody reads.
    """
    listed = record.listing(rows, columns)
    fields = _own_fields(record, [*columns, *show])
    if fields is None:
        return listed
    fields |= set(also)
    for path in sorted({r for c in columns for r in c.related}):
        fields |= _linked_fields(record.model, path, columns)
    return listed.only(*fields)


def _own_fields(record: Any, columns: list[Column]) -> set[str] | None:
    """Names of the row's own fields; None where its name may be made of any field."""
    if not (_plainly_named(record) or record.named_by):
        return None
    model = record.model
    known = {f.name for f in model._meta.concrete_fields}
    out = {record.title, *record.named_by, *({"archived_at"} & known)}
    for column in columns:
        if column.custom:
            out.add("custom")
        elif column.expr is None:
            out.add(column.path.partition("__")[0])
        if isinstance(column.kind, Money):
            out |= {column.kind.currency} & known
    return out


def _linked_fields(model: Any, path: str, columns: list[Column]) -> set[str]:
    """Fields of the row at the end of a path of links: what names it, and what columns read through it."""
    target, passed = model, []
    for part in path.split("__"):
        target = target._meta.get_field(part).related_model
        passed.append(part)
    through = {c.path for c in columns if c.path.startswith(f"{path}__")}
    out = {"__".join(passed[: n + 1]) for n in range(len(passed))} | through
    record = registry.by_model(target)
    if record is not None and _plainly_named(record):
        return out | {f"{path}__{record.title}"}
    skip = {"tsv", "search"} if issubclass(target, RecordModel) else set()
    return out | {f"{path}__{f.name}" for f in target._meta.concrete_fields if f.name not in skip}


def _plainly_named(record: Any) -> bool:
    """Is a row's name one field that is always there?"""
    own_words = getattr(record.name_of, "__func__", None) is not getattr(Record.name_of, "__func__", None)
    if own_words or not issubclass(record.model, RecordModel):
        return False
    title = record.model._meta.get_field(record.title)
    return not title.is_relation and (not title.blank or title.name in record.model.DERIVED)
