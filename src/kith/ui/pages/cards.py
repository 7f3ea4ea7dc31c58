"""What a card of a board says: whom it is with, what it is worth, what happens next, who has it, why it stands still."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from kith.kernel.kinds import EMPTY, Colleague, Money
from kith.kernel.records.columns import Column
from kith.kernel.records.models import Followed
from kith.kernel.records.reach import Unseen, hides, unseen_links
from kith.ui.dates import clock, day, duration, local
from kith.ui.pages.base import base_url
from kith.ui.pages.lanes import Lanes, shown_on_cards

NEXT = "next_step"  # kept by the kernel for every followed type


@dataclass(frozen=True)
class Card:
    """The words of one card. `name` is the row's own name, for ears and menus."""

    pk: int
    name: str
    href: str
    title: str
    sub: str
    sum: str
    next: str | None
    next_icon: str
    next_tone: str | None
    owner: str | None
    note: str


def cards(lanes: Lanes, rows: Iterable[Any]) -> list[Card]:
    """The cards of these rows; no query, except for names of linked rows that the reader may not see."""
    rows = list(rows)
    columns = shown_on_cards(lanes.look)
    unseen = unseen_links(lanes.look.actor, columns, rows)
    return [_card(lanes, columns, unseen, row) for row in rows]


def _card(lanes: Lanes, columns: list[Column], unseen: Unseen, row: Any) -> Card:
    record, note = lanes.look.record, lanes.board.card_note
    name = str(record.name_of(row)).strip() if lanes.look.title else ""
    name = name or f"{record.label} {row.pk}"
    words = [_words(column, row, unseen) for column in columns if _is_text(column)]
    title, *others = [w for w in words if w] or [name]
    sub = ", ".join([*([name] if title != name else []), *others])
    step, icon, tone = (
        _next(row) if any(c.key == NEXT for c in columns) and isinstance(row, Followed) else (None, "", None)
    )
    owner = next((c.kind.show(c.get(row)) for c in columns if isinstance(c.kind, Colleague)), "")
    return Card(
        row.pk, name, f"{base_url(record)}{row.pk}", title, sub, _sum(columns, row), step, icon, tone, owner or None,
        note(row) if note else "",
    )  # fmt: skip


def _is_text(column: Column) -> bool:
    return column.key != NEXT and not isinstance(column.kind, Colleague | Money)


def _words(column: Column, row: Any, unseen: Unseen) -> str:
    if unseen and hides(column, row, unseen):
        return ""
    value = column.get(row)
    return "" if value in EMPTY else column.show(value, row)


def _sum(columns: list[Column], row: Any) -> str:
    column = next((c for c in columns if isinstance(c.kind, Money)), None)
    if column is None or (amount := column.get(row)) is None:
        return ""
    return column.show(amount, row, brief=True)


def _next(row: Any) -> tuple[str, str, str | None]:
    """("Demo today 11:00", icon, tone): what happens next and when; what is overdue says by how much."""
    if row.next_step_at is None:
        return row.next_step or _("No next step"), "calendar" if row.next_step else "alert", None
    step, at, now = row.next_step, row.next_step_at, timezone.now()
    if at < now:
        gone = max(now - at, dt.timedelta(minutes=1))
        return (
            _("%(step)s, %(long)s late") % {"step": step, "long": duration(gone if gone.days else _hours(gone))},
            "calendar",
            "late",
        )
    moment = local(at)
    when = day(at)
    if moment.date() == timezone.localdate() and (moment.hour, moment.minute) != (0, 0):
        when = _("%(day)s %(time)s") % {"day": when, "time": clock(at)}
    return f"{step} {when}", "calendar", None


def _hours(gone: dt.timedelta) -> dt.timedelta:
    """From an hour up the minutes do not matter any more."""
    return dt.timedelta(hours=gone // dt.timedelta(hours=1)) if gone >= dt.timedelta(hours=1) else gone
