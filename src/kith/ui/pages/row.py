"""One row for one page: read through the one door, with what its reader may do, in a single query.

Ids merged away lead to the row they now mean. A row that is out of scope and one that never was look the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet, Value
from django.http import HttpRequest

from kith.kernel.access.actor import Actor
from kith.kernel.errors import NotFound
from kith.kernel.records.columns import Column
from kith.kernel.records.models import Moved
from kith.ui.pages.base import actor_of, record_of
from kith.ui.panels import MARKS, marks_expression

NOTHING = Q(pk__in=[])
PEOPLE = ("people", "person")  # types with one of these icons are people: initials stand beside their names


@dataclass(frozen=True)
class Opened:
    """A row somebody opened: its type, who reads, and whether they may change or archive it."""

    record: Any
    row: Any
    actor: Actor
    may_edit: bool
    may_archive: bool
    was_merged: bool = False  # other rows were merged into it, so their stories are part of its own

    @property
    def url(self) -> str:
        return str(self.record.url(self.row.pk))

    @property
    def name(self) -> str:
        return str(self.record.name_of(self.row)) or f"{self.record.label} {self.row.pk}"

    @property
    def topic(self) -> str:
        """What live updates call this row."""
        return f"{self.record.name}:{self.row.pk}"

    @property
    def has_form(self) -> bool:
        """Is there anything about it that people write, or does it all come from what happens elsewhere?"""
        return any("form" in column.facts.faces for column in self.record.writable(self.actor).values())

    @property
    def fixed(self) -> str:
        """Why nobody changes it by hand any more, or ""."""
        return str(self.record.why_fixed(self.row))

    @property
    def portrait(self) -> bool:
        return self.record.icon in PEOPLE

    @property
    def archived(self) -> bool:
        return bool(getattr(self.row, "archived_at", None))


def open_row(request: HttpRequest, slug: str, pk: int, *, columns: Iterable[Column] = ()) -> Opened:
    """The row behind an address, joined for `columns`. Raises NotFound in words that do not tell whether it exists."""
    record, actor = record_of(slug), actor_of(request)
    rows = record.listing(record.rows(actor), list(columns)).annotate(
        may_edit=_allowed(record, actor, "edit"),
        may_archive=_allowed(record, actor, "archive"),
        was_merged=Exists(Moved.objects.filter(record=record.name, new_id=OuterRef("pk"))),
    )
    told = marks_expression(record.name) if columns else None
    rows = rows.annotate(**{MARKS: told}) if told is not None else rows
    row = _one(rows, pk)
    if row is None:
        row = _one(rows, record.get(actor, pk).pk)  # merged away, or NotFound
    if row is None:
        raise NotFound(f"There is no {record.label.lower()} {pk} that you may see.")
    archives = "archived_at" in {f.name for f in record.model._meta.fields} and actor.can(f"{record.name}.archive")
    return Opened(record, row, actor, bool(row.may_edit), archives and bool(row.may_archive), bool(row.was_merged))


def _one(rows: QuerySet[Any], pk: int) -> Any:
    return rows.filter(pk=pk).first() if pk < 2**63 else None


def _allowed(record: Any, actor: Actor, verb: str) -> Any:
    """The row scope of a verb as a column: no further query to know whether this row may be changed."""
    q = record.scope.q(actor, record.name, verb)
    if not actor.can(f"{record.name}.{verb}") or q == NOTHING:
        return Value(False)
    return Value(True) if q == Q() else ExpressionWrapper(q, output_field=BooleanField())
