"""The calendar face of a list: a month as a grid, the same days as an agenda on phones. `&month=2026-03` says which.

It shows the rows of the look by the type's calendar column. A day holds a few; the rest stands behind a link to the list
of that day, so a month costs one query however much is in it.
"""

from __future__ import annotations

import calendar as months
import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from babel.dates import format_date, get_day_names
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from kith.kernel.kinds import Moment
from kith.kernel.kinds.time import add_months
from kith.kernel.lookups.directory import fill_in, joined
from kith.kernel.lookups.look import Look
from kith.kernel.lookups.tree import Condition, Group
from kith.kernel.organisation.models import current
from kith.kernel.records.columns import Column
from kith.kernel.records.reach import unseen_links
from kith.ui.filters import clock, locale
from kith.ui.pages.base import base_url
from kith.ui.pages.frame import frame
from kith.ui.pages.rows import row_name
from kith.ui.pages.show import render_value
from kith.ui.render import fragment, is_htmx, page

MOST, A_DAY = 1000, 4  # rows of a month that are read, rows of a day that are shown
FIRST, LAST = dt.date(1900, 1, 1), dt.date(9000, 1, 1)


@dataclass(frozen=True)
class Entry:
    """One row on its day. `small`: the one further thing worth a glance."""

    pk: int
    name: str
    href: str
    time: str
    small: Any
    done: bool


@dataclass
class DayBox:
    date: dt.date
    words: str
    inside: bool  # of the month itself
    today: bool
    new_href: str
    entries: list[Entry] = field(default_factory=list)
    more: int = 0
    more_href: str = ""


def show(request: HttpRequest, look: Look) -> HttpResponse:
    """The face that `pages/list.py` hands over to."""
    column = look.columns[look.record.calendar]
    first, problem = _month(request.GET.get("month", ""))
    if problem:
        look.problems.append(problem)
    start = first - dt.timedelta((first.weekday() - current().week_start) % 7)
    days = [start + dt.timedelta(n) for n in range(7 * _weeks(first, start))]
    rows, cut = _rows(look, column, days[0], days[-1] + dt.timedelta(1))
    boxes = _boxes(look, column, days, first, rows)
    context = {
        **frame(request, look), "weeks": [boxes[i : i + 7] for i in range(0, len(boxes), 7)], "cut": cut, "most": MOST,
        "agenda": [box for box in boxes if box.entries], "month": format_date(first, "LLLL y", locale=locale()),
        "weekdays": [box.date for box in boxes[:7]], "names": get_day_names("abbreviated", locale=locale()),
        "undated": _undated(look, column), "column": column,
        "before": _href(look, add_months(first, -1)), "after": _href(look, add_months(first, 1)), "now": _href(look, None),
        "live_src": f"{request.path}?{look.query(month=f'{first:%Y-%m}', part='rows')}",
    }  # fmt: skip
    if is_htmx(request):
        return fragment(
            request, "pages/calendar.html", "rows" if request.GET.get("part") == "rows" else "region", context
        )
    return page(request, "pages/calendar.html", context)


def _month(text: str) -> tuple[dt.date, str]:
    """(first day of the month asked for, what is wrong with the question)"""
    today = timezone.localdate().replace(day=1)
    if not text:
        return today, ""
    try:
        month = dt.date.fromisoformat(f"{text}-01")
    except ValueError:
        return today, _("“%s” is no month; a month is written as 2026-03.") % text[:40]
    return (month, "") if FIRST <= month <= LAST else (today, _("There is no calendar of the year %s.") % month.year)


def _weeks(first: dt.date, start: dt.date) -> int:
    length = months.monthrange(first.year, first.month)[1]
    return -(-((first - start).days + length) // 7)


def _rows(look: Look, column: Column, start: dt.date, end: dt.date) -> tuple[list[Any], bool]:
    """(rows whose date lies in the range, whether there are more than can be shown)"""
    expression = column.computed()
    rows: QuerySet[Any] = look.matched if expression is None else look.matched.annotate(**{column.alias: expression})
    edges = {f"{column.lookup}__gte": _edge(column, start), f"{column.lookup}__lt": _edge(column, end)}
    shown = [column, *_small(look)]
    rows = look.record.listing(rows.filter(**edges), joined(shown)).order_by(column.lookup, "pk")
    found = list(rows[: MOST + 1])
    fill_in(shown, found)
    return found[:MOST], len(found) > MOST


def _edge(column: Column, day: dt.date) -> Any:
    return timezone.make_aware(dt.datetime.combine(day, dt.time())) if isinstance(column.kind, Moment) else day


def _small(look: Look) -> list[Column]:
    """The first other column of the list, as the quiet line of an entry."""
    return [c for c in look.shown[1:] if c.key != look.record.calendar][:1]


def _boxes(look: Look, column: Column, days: list[dt.date], first: dt.date, rows: list[Any]) -> list[DayBox]:
    by_day: dict[dt.date, list[Any]] = defaultdict(list)
    for row in rows:
        value = column.get(row)
        by_day[timezone.localtime(value).date() if isinstance(value, dt.datetime) else value].append(row)
    small = _small(look)
    unseen = unseen_links(look.actor, small, rows)
    today, base = timezone.localdate(), base_url(look.record)
    out = []
    for day in days:
        box = DayBox(day, format_date(day, "full", locale=locale()), day.month == first.month, day == today,
                     f"{base}new?{column.key}={day}{'T09:00' if isinstance(column.kind, Moment) else ''}")  # fmt: skip
        here = by_day.get(day, [])
        shown = here if len(here) <= A_DAY else here[: A_DAY - 1]
        for row in shown:
            value = column.get(row)
            quiet = render_value(small[0], row, brief=True, unseen=unseen).striptags() if small else ""
            done = bool(getattr(row, "done_at", None)) or getattr(row, "status", "open") not in ("open", "")
            time = clock(value) if isinstance(value, dt.datetime) else ""
            box.entries.append(Entry(row.pk, row_name(look, row), f"{base}{row.pk}", time, quiet, done))
        box.more = len(here) - len(shown)
        if box.more:
            that_day = Group("all", (*_parts(look.state.tree), Condition(column.key, "on", (day.isoformat(),))))
            box.more_href = "?" + look.query(look.state.changed(tree=that_day, face="list"))
        out.append(box)
    return out


def _parts(tree: Group) -> tuple[Any, ...]:
    return tree.parts if tree.how == "all" else (tree,)


def _undated(look: Look, column: Column) -> str:
    """Where the rows without a date are: a calendar must not hide them."""
    tree = Group("all", (*_parts(look.state.tree), Condition(column.key, "empty")))
    return "?" + look.query(look.state.changed(tree=tree, face="list"))


def _href(look: Look, month: dt.date | None) -> str | None:
    if month is not None and not FIRST <= month <= LAST:
        return None
    return "?" + (look.query(month=f"{month:%Y-%m}") if month else look.query())


urlpatterns: list[Any] = []
