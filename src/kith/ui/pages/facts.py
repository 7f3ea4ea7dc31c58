"""What is known about one row, in the sections of its form: the left column of a record page.

The record page draws all facts; the in-place editor answers with the inside of one (`fact_inside`), so that a value
looks the same before and after it was changed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from markupsafe import Markup

from kith.kernel.access.actor import Actor
from kith.kernel.kinds import Bool
from kith.kernel.records.columns import Column
from kith.ui.pages.show import NONE_UNSEEN, Unseen, render_value
from kith.ui.panels import marks_of
from kith.ui.render import render_block

ALOUD = 80  # characters of a value that its edit link says to ears


@dataclass(frozen=True)
class Fact:
    """One value: `value` as markup (empty when not known), `words` the same for ears, `edit` where it is changed or ""."""

    key: str
    label: str
    value: Markup
    words: str
    edit: str
    mark: str = ""  # something quiet about it: where it was found

    @property
    def has_links(self) -> bool:
        """Whether the value is followed rather than edited when clicked; its pencil stands beside it."""
        return "<a " in self.value

    @property
    def long(self) -> bool:
        return len(self.words) >= ALOUD


@dataclass(frozen=True)
class FactSection:
    title: str
    facts: list[Fact]


def fact(
    record: Any, column: Column, row: Any, *, editable: bool, unseen: Unseen = NONE_UNSEEN, mark: str = ""
) -> Fact:
    """One fact of a row; `editable` says whether this reader may change this column of this row."""
    edit = f"{record.url(row.pk)}/cell/{column.key}?at=facts" if editable else ""
    value = render_value(column, row, unseen=unseen)
    return Fact(column.key, column.label, value, value.striptags()[:ALOUD], edit, mark)


def fact_inside(record: Any, column: Column, row: Any, *, editable: bool = True, unseen: Unseen = NONE_UNSEEN) -> str:
    """What stands inside the `<dd>` of a fact: the answer of the in-place editor at `?at=facts`."""
    shown = fact(record, column, row, editable=editable, unseen=unseen)
    return render_block("pages/record_fact.html", "inside", {"fact": shown}).strip()


def fact_sections(
    record: Any, row: Any, actor: Actor, *, editable: bool, unseen: Unseen = NONE_UNSEEN
) -> tuple[list[FactSection], int, int]:
    """(sections, how many values are known, how many there are). Yes-or-no values always count as neither."""
    columns, writable = record.columns(actor), record.writable(actor)
    sections, known, total = [], 0, 0
    marks = marks_of(record, row)
    for title, keys in _groups(record, columns):
        facts = []
        for column in (columns[k] for k in keys if k in columns):
            one = fact(
                record,
                column,
                row,
                editable=editable and column.key in writable,
                unseen=unseen,
                mark=marks.get(column.key, ""),
            )
            facts.append(one)
            if not isinstance(column.kind, Bool):
                total += 1
                known += bool(one.value)
        if facts:
            sections.append(FactSection(title, facts))
    return sections, known, total


def _groups(record: Any, columns: dict[str, Column]) -> Iterable[tuple[str, list[str]]]:
    """The form's sections, then the fields that the organisation added."""
    for section in record.form:
        yield str(section.title), section.keys
    own = [key for key, column in columns.items() if column.custom]
    if own:
        yield _("Your own fields"), own
