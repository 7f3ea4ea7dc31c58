"""What the outcome page of an import shows: counts as tabs, rows of one verdict in words, words that were not taken."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from kith.kernel.intake import queries
from kith.kernel.intake.links import policy_of
from kith.kernel.intake.mapping import load
from kith.kernel.intake.models import ImportRow, ImportRun, State
from kith.kernel.intake.targets import Target
from kith.ui.filters import number
from kith.ui.pages.base import actor_of
from kith.ui.pages.importform import place_of

WORTH_SAYING = 1  # second of writing from which rows a second mean something
MANY = 5  # rejected rows from which the commonest reasons are worth a summary
TAKEN = ("create", "update", "unchanged")  # rows as they were may still bring their id in the other system
SETTLED = ("waits", "create")  # words that the mapping has an answer for
TABS = (("create", "plus"), ("update", "pencil"), ("unchanged", "check"), ("reject", "alert"), ("words", "tag"))


@dataclass(frozen=True)
class Head:
    """A column of the table of rows; `end` for figures."""

    label: str
    align: str = ""


@dataclass
class Shown:
    """One row of the file in words. `values`: value by column, `changes`: (label, before, after)."""

    number: int
    name: str
    href: str
    values: dict[Head, str] = field(default_factory=dict)
    changes: list[tuple[str, str, str]] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)


def outcome(request: HttpRequest, target: Target, run: ImportRun) -> dict[str, Any]:
    """The context of the outcome page, for a dry run and for a run that is over."""
    counts = run.counts
    odd, open_words = _words(run)
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
        if open_words and dry
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
    op = queries.operation_of(run)
    actor = actor_of(request)
    rows = shown(target, run, found, actor)
    return {
        "tabs": tabs, "tab": tab, "rows": rows, "next": f"?tab={tab}&after={more}" if more else "",
        "begin": f"?tab={tab}" if after else "", "odd": odd if tab == "words" else [],
        "open_words": open_words and dry, "dry": dry, "op": op, "counts": counts,
        "told": told(counts), "would_write": any(counts.get(key) for key in TAKEN), "heads": heads_of(target, run, rows, actor) if tab in ("create", "unchanged") else [], "place": place(target),
        "rate": queries.progress(run).rate if run.seconds >= WORTH_SAYING else 0, "left_out": load(run.mapping).left_out if run.mapping else (),
        "may_undo": op is not None and op.undone_at is None and run.state in (State.DONE, State.FAILED),
        "conflicts": op.conflicts if op is not None else [],
        "frequent": queries.frequent_reasons(run) if tab == "reject" and counts.get("reject", 0) > MANY else [],
    }  # fmt: skip


def _words(run: ImportRun) -> tuple[list[Any], bool]:
    """(words that could not be taken as they are, each with `state` and `choices`; whether any waits for a decision)."""
    odd = queries.unresolved(run)
    entries = load(run.mapping).entries if odd else ()
    waits = {(e.header, e.to) for e in entries if policy_of(e) == "wait"}
    for u in odd:
        u.state = "waits" if u.why == "missing" and (u.column, u.to) in waits else u.why
        u.choices = [*((s, s) for s in u.suggestions), ("-", _("blank"))]
    odd.sort(key=lambda u: u.state in SETTLED)
    return odd, any(u.state not in SETTLED for u in odd)


def told(counts: dict[str, int]) -> str:
    """ "83 new, 2 rejected": only what there is."""
    words = {
        "create": _("%s new"), "update": _("%s changed"), "unchanged": _("%s as they were"), "reject": _("%s rejected"),
    }  # fmt: skip
    found = [text % number(counts[key]) for key, text in words.items() if counts.get(key)]
    return ", ".join(found) or _("It has no rows.")


def place(target: Target) -> str:
    """Where rows of this kind are listed."""
    return target.place


def shown(target: Target, run: ImportRun, rows: list[ImportRow], actor: Any) -> list[Shown]:
    """Rows in words; names of records in one query, only of those the reader may see."""
    columns = _columns(target, actor)
    heads = _heads(columns)
    names = _names(target, {r.record_id for r in rows if r.record_id}, actor)
    out = []
    for row in rows:
        name = names.get(row.record_id or 0, "")
        href = target.url(row.record_id) if name and row.record_id else ""
        given = row.values or {}
        values = {heads[k]: _say(columns[k], given[k]) for k in columns if k in given}
        changes = [
            (columns[k].label, _say(columns[k], a), _say(columns[k], b))
            for k, (a, b) in (row.changes or {}).items()
            if k in columns
        ]
        if not values and not changes:
            values = {Head(h): _cell(c) for h, c in zip(run.headers, row.cells, strict=False)}
        known = {head: words for head, words in values.items() if words}
        out.append(Shown(row.number, name, href, known, changes, row.reasons))
    return out


def heads_of(target: Target, run: ImportRun, rows: list[Shown], actor: Any) -> list[Head]:
    """The columns that any of the rows fills: ours as forms know them, then those of the file."""
    every = [*_heads(_columns(target, actor)).values(), *(Head(h) for h in run.headers)]
    return [head for head in every if any(head in row.values for row in rows)]


def _columns(target: Target, actor: Any) -> dict[str, Any]:
    """The columns of the target, those that name a row and stand on its list first."""
    if target.record is None:
        return target.columns(actor)
    every = target.record.columns(actor)
    first = [key for key in (target.record.title, *target.record.named_by, *target.record.lists) if key in every]
    return {key: every[key] for key in dict.fromkeys([*first, *every])}


def _heads(columns: dict[str, Any]) -> dict[str, Head]:
    return {key: Head(str(column.label), column.kind.align) for key, column in columns.items()}


def _names(target: Target, pks: set[int], actor: Any) -> dict[int, str]:
    return target.names(pks, actor) if pks else {}


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


def row_page(target: Target, run: ImportRun, number: int, actor: Any) -> dict[str, Any]:
    """Every cell of one row, with where its column went."""
    row = queries.row(run, number)
    mapping = load(run.mapping)
    known = target.columns(actor, mapping)
    went = {h: ", ".join(place_of(e, known) for e in mapping.of(h)) for h in run.headers}
    cells = [(h, _cell(c), went[h]) for h, c in zip(run.headers, row.cells, strict=False)]
    cells += [(_("Beyond the last column"), _cell(c), "") for c in row.cells[len(run.headers) :]]
    cells += [(h, _cell(c), "") for h, c in (row.extra or {}).items()]
    return {"row": row, "cells": cells, "href": target.url(row.record_id) if row.record_id else ""}


def _cell(cell: Any) -> str:
    if isinstance(cell, dict) and set(cell) == {"base64"}:
        return _("Data, %s characters in base64") % len(cell["base64"])
    return "" if cell is None else str(cell)
