"""The page of retention: `/reports/retention/?until=&months=&by=`, and the customers of one movement."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from kith.insight.places import RETENTION, tabs
from kith.insight.retaining.movements import DOWN, KINDS, Month
from kith.insight.retaining.report import BY, TITLE, Ask, Retention, make, named, read_ask
from kith.kernel.errors import Invalid
from kith.kernel.money.amounts import show_money
from kith.ui.filters import percent
from kith.ui.pages.base import actor_of
from kith.ui.render import page

WIDE = 12  # columns of the cohort table
CHURN_KINDS = {"unwanted": _("unwanted"), "wanted": _("wanted"), "involuntary": _("involuntary")}


@require_safe
def retention(request: HttpRequest) -> HttpResponse:
    problems: list[str] = []
    try:
        ask = read_ask(request.GET.dict())
    except Invalid as problem:
        problems, ask = [problem.message], read_ask({})
    out = make(actor_of(request), ask)
    return page(request, "insight/retention.html", {**_context(out), "problems": problems})


@require_safe
def moved(request: HttpRequest, month: str, kind: str) -> HttpResponse:
    """`/reports/retention/2026-03/churn`: who moved, and by how much."""
    try:
        first = dt.date.fromisoformat(f"{month}-01")
    except ValueError as problem:
        raise Http404 from problem
    if kind not in KINDS:
        raise Http404
    actor = actor_of(request)
    out = make(actor, Ask((first + dt.timedelta(days=31)).replace(day=1) - dt.timedelta(days=1), 1))
    told = out.months[-1]
    rows = [
        {"name": name, "href": href, "amount": _money(out, amount)} for name, href, amount in named(actor, told, kind)
    ]
    title = _("%(kind)s in %(month)s") % {"kind": KINDS[kind], "month": _label(told)}
    return page(
        request,
        "insight/moved.html",
        {"title": title, "rows": rows, "sum": _money(out, told.moved[kind]), "back": RETENTION},
    )


def _context(out: Retention) -> dict[str, Any]:
    ask = out.ask
    return {
        "title": str(TITLE), "tabs": tabs(RETENTION), "out": out, "empty": not (out.customers or any(m.start or m.end for m in out.months)),
        "net": _share(out.year.net), "gross": _share(out.year.gross), "heads": _share(out.year.heads),
        "recurring": _money(out, out.months[-1].end), "kinds": [str(label) for label in KINDS.values()],
        "months": [_month(out, m) for m in reversed(out.months)],
        "bys": [{"label": str(label), "href": "?" + urlencode({"by": key, "months": ask.months}), "current": key == ask.by} for key, label in BY.items()],
        "periods": [(_("%d months") % n, "?" + urlencode({"months": n, "by": ask.by}), n == ask.months) for n in (6, 12, 24, 36)],
        "cohorts": [
            {"label": _cohort(c.first, ask.by), "customers": c.customers, "now": c.now, "shares": [_heat(n, c.customers) for n in c.kept[:WIDE]]}
            for c in reversed(out.cohorts)
        ],
        "wide": max((min(len(c.kept), WIDE) for c in out.cohorts), default=0),
        "why": [{"reason": name, "kind": str(CHURN_KINDS.get(kind, kind)), "n": n, "lost": _money(out, lost)} for name, kind, n, lost in out.why],
    }  # fmt: skip


def _month(out: Retention, month: Month) -> dict[str, Any]:
    key = month.first.strftime("%Y-%m")
    cells = [
        {"text": ("−" if kind in DOWN else "+") + _money(out, amount) if amount else "–", "href": f"{RETENTION}{key}/{kind}" if amount else ""}
        for kind, amount in month.moved.items()
    ]  # fmt: skip
    return {"label": _label(month), "start": _money(out, month.start), "cells": cells, "end": _money(out, month.end)}


def _label(month: Month) -> str:
    return date_format(month.first, "F Y")


def _cohort(first: dt.date, by: str) -> str:
    if by == "year":
        return str(first.year)
    return date_format(first, "F Y") if by == "month" else f"{first.year} Q{(first.month + 2) // 3}"


def _heat(kept: int, of: int) -> dict[str, Any]:
    share = kept / of if of else 0.0
    return {"text": percent(share), "n": kept, "level": min(int(share * 5), 4)}


def _share(value: float | None) -> str:
    return "–" if value is None else percent(value)


def _money(out: Retention, amount: Decimal) -> str:
    return show_money(amount, out.currency)
