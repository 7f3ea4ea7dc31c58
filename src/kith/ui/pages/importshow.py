"""What the outcome page of an import shows: counts as tabs, rows of one verdict in words, words that were not taken."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from kith.kernel.intake import queries
from kith.kernel.intake.mapping import load
from kith.kernel.intake.models import ImportRow, ImportRun, State
from kith.kernel.intake.targets import Target
from kith.ui.pages.base import actor_of

MANY = 5  # rejected rows from which the commonest reasons are worth a summary
TABS = (("create", "plus"), ("update", "pencil"), ("unchanged", "check"), ("reject", "alert"), ("words", "tag"))


@dataclass
class Shown:
    """One row of the file in words. `values`: (label, value); `changes`: (label, before, after)."""

    number: int
    name: str
    href: str
    values: list[tuple[str, str]] = field(default_factory=list)
    changes: list[tuple[str, str, str]] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)


def outcome(request: HttpRequest, target: Target, run: ImportRun) -> dict[str, Any]:
    """The context of the outcome page, for a dry run and for a run that is over."""
    counts = run.counts
    odd = queries.unresolved(run)
    dry = run.state in (State.CHECKED, State.CANCELLED)
    labels = {
        "create": _("New"), "update": _("Changed"), "unchanged": _("As it was"), "reject": _("Rejected"), "words": _("Words to look at"),
    }  # fmt: skip
    tabs = [
        {"key": key, "label": labels[key], "icon": icon, "count": len(odd) if key == "words" else counts.get(key, 0)}
        for key, icon in TABS
    ]
    tabs = [t for t in tabs if t["count"] or t["key"] in ("create", "reject")]
    first = (
        "words"
        if odd and dry
        else "reject"
        if counts.get("reject")
        else next((t["key"] for t in tabs if t["count"]), "create")
    )
    tab = request.GET.get("tab") if request.GET.get("tab") in {t["key"] for t in tabs} else first
    after = request.GET.get("after", "")
    found, more = (
        queries.rows(run, tab, int(after) if after.isdecimal() and len(after) < 19 else 0)
        if tab != "words"
        else ([], 0)
    )
    for t in tabs:
        t.update(
            href=f"?tab={t['key']}", current=t["key"] == tab, tone="late" if t["key"] == "reject" and t["count"] else ""
        )
    for u in odd:
        u.choices = [*((s, s) for s in u.suggestions), ("-", _("blank"))]
    op = queries.operation_of(run)
    return {
        "tabs": tabs, "tab": tab, "rows": shown(target, run, found, actor_of(request)), "next": f"?tab={tab}&after={more}" if more else "",
        "begin": f"?tab={tab}" if after else "", "odd": odd if tab == "words" else [], "dry": dry, "op": op, "counts": counts,
        "rate": queries.progress(run).rate, "left_out": load(run.mapping).left_out if run.mapping else (),
        "may_undo": op is not None and op.undone_at is None and run.state in (State.DONE, State.FAILED),
        "conflicts": op.conflicts if op is not None else [],
        "frequent": queries.frequent_reasons(run) if tab == "reject" and counts.get("reject", 0) > MANY else [],
    }  # fmt: skip


def shown(target: Target, run: ImportRun, rows: list[ImportRow], actor: Any) -> list[Shown]:
    """Rows in words; names of records in one query, only of those the reader may see."""
    columns = target.record.columns(actor) if target.record is not None else target.columns(actor)
    names = _names(target, {r.record_id for r in rows if r.record_id}, actor)
    out = []
    for row in rows:
        name = names.get(row.record_id or 0, "")
        href = target.url(row.record_id) if name and row.record_id else ""
        values = [(columns[k].label, _say(columns[k], v)) for k, v in (row.values or {}).items() if k in columns]
        changes = [
            (columns[k].label, _say(columns[k], a), _say(columns[k], b))
            for k, (a, b) in (row.changes or {}).items()
            if k in columns
        ]
        if not values and not changes:
            values = [(h, str(c)) for h, c in zip(run.headers, row.cells, strict=False) if c not in ("", None)][:8]
        out.append(Shown(row.number, name, href, [v for v in values if v[1]], changes, row.reasons))
    return out


def _names(target: Target, pks: set[int], actor: Any) -> dict[int, str]:
    if not pks:
        return {}
    if target.record is None:
        from kith.kernel.kinds.link import USERS

        return {u.pk: USERS.name_of(u) for u in USERS.rows(actor).filter(pk__in=pks)}
    return {r.pk: target.record.name_of(r) for r in target.record.rows(actor).filter(pk__in=pks)}


def _say(column: Any, data: Any) -> str:
    """A stored value in words, without asking the database what a link is called now."""
    if data in (None, "", [], {}):
        return ""
    if isinstance(data, dict) and "name" in data:
        return str(data["name"])
    try:
        return str(column.kind.show(column.kind.load(data)))
    except (ValueError, TypeError, KeyError, AttributeError):
        return str(data)


def row_page(target: Target, run: ImportRun, number: int) -> dict[str, Any]:
    """Every cell of one row, with where its column went."""
    row = queries.row(run, number)
    mapping = load(run.mapping)
    went = {h: ", ".join(e.to for e in mapping.of(h)) for h in run.headers}
    cells = [(h, _cell(c), went[h]) for h, c in zip(run.headers, row.cells, strict=False)]
    cells += [(_("Beyond the last column"), _cell(c), "") for c in row.cells[len(run.headers) :]]
    cells += [(h, _cell(c), "") for h, c in (row.extra or {}).items()]
    return {"row": row, "cells": cells, "href": target.url(row.record_id) if row.record_id else ""}


def _cell(cell: Any) -> str:
    if isinstance(cell, dict) and set(cell) == {"base64"}:
        return _("Data, %s characters in base64") % len(cell["base64"])
    return "" if cell is None else str(cell)
