"""How often each field of each record type is filled on what was made lately, by team, and what else uses it.

One query a record type, over at most the last `MOST` rows made. Each figure opens its rows: it counts what the list under
the same filter shows.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kith.kernel.access.actor import Actor
from kith.kernel.lookups.compile import compile_tree, filtered
from kith.kernel.lookups.directory import teams
from kith.kernel.lookups.models import SavedView
from kith.kernel.lookups.tree import parse
from kith.kernel.records.registry import registry
from kith.process.definition.document import write
from kith.process.versions import in_use

DAYS, MOST = 90, 100_000
MADE = f"created_at.since:-{DAYS}d"


@dataclass(frozen=True)
class Cell:
    """`n` of `of` rows have it; `href` opens them."""

    n: int
    of: int
    href: str

    @property
    def share(self) -> int | None:
        """Whole percent; None where there are no rows."""
        return round(100 * self.n / self.of) if self.of else None


@dataclass(frozen=True)
class Used:
    """One field: a cell for all rows and one for each team; `uses` in words, none where nothing uses it."""

    key: str
    label: str
    cells: tuple[Cell, ...]
    uses: str
    custom: bool

    @property
    def idle(self) -> bool:
        """Never filled, and used by nothing else."""
        return not self.cells[0].n and not self.uses


@dataclass(frozen=True)
class Table:
    """The fields of one record type; `heads` name the columns of figures with how many rows each has."""

    record: str
    title: str
    heads: tuple[tuple[str, int], ...]
    fields: tuple[Used, ...]
    capped: bool


def tables(actor: Actor) -> list[Table]:
    """One for each type of which something was made lately."""
    found = (_table(record, actor) for record in registry if not (record.settings or record.by_itself))
    return [table for table in found if table is not None]


def _table(record: Any, actor: Actor) -> Table | None:
    if not actor.can(f"{record.name}.see") or "created_at" not in record.columns(actor):
        return None
    columns = {k: c for k, c in record.writable(actor).items() if c.filterable and "filled" in c.kind.operators()}
    counted = _counted(record, actor, columns)
    total = sum(n for n, _filled in counted.values())
    if not total:
        return None
    named = {team.pk: team.name for team in teams().values()}
    groups = sorted((pk for pk in counted if pk in named), key=lambda pk: named[pk].casefold())
    capped, said = total >= MOST, _uses(record, actor)
    fields = tuple(
        Used(k, c.label, _cells(record, k, n, counted, groups, total, capped), said(k), bool(c.custom))
        for n, (k, c) in enumerate(columns.items())
    )  # fmt: skip
    heads = ((_("All"), total), *((named[pk], counted[pk][0]) for pk in groups))
    return Table(record.name, record.plural, heads, fields, capped)


Counted = dict[int | None, tuple[int, list[int]]]


def _counted(record: Any, actor: Actor, columns: dict[str, Any]) -> Counted:
    """{team: (rows made, of those how many have each column)}; all under None where rows have no team."""
    rows = filtered(record, parse(MADE), actor, record.rows(actor, archived=False)).order_by()
    rows = record.model._default_manager.filter(pk__in=rows.order_by("-pk").values("pk")[:MOST])
    sums: dict[str, Any] = {}
    for n, key in enumerate(columns):
        compiled = compile_tree(record, parse(f"{key}.filled"), actor)
        rows = rows.alias(**compiled.computed)
        sums[f"filled_{n}"] = Count("pk", filter=compiled.q, distinct=True)
    by = ("team",) if "team" in {f.name for f in record.model._meta.fields} else ()
    if not by:
        one = rows.aggregate(made=Count("pk", distinct=True), **sums)
        return {None: (one["made"], [one[name] for name in sums])}
    each = rows.order_by().values("team").annotate(made=Count("pk", distinct=True), **sums)
    return {row["team"]: (row["made"], [row[name] for name in sums]) for row in each}


def _cells(
    record: Any, key: str, n: int, counted: Counted, groups: list[Any], total: int, capped: bool
) -> tuple[Cell, ...]:
    def href(more: str = "") -> str:
        return "" if capped else f"/{record.slug}/?filter={MADE},{key}.filled{more}&face=list"

    whole = Cell(sum(filled[n] for _made, filled in counted.values()), total, href())
    return (whole, *(Cell(counted[pk][1][n], counted[pk][0], href(f",team.is:{pk}")) for pk in groups))


def _uses(record: Any, actor: Actor) -> Any:
    """A function from a key to what uses it beside people: views, gates and rules, workflows. Read once for all keys."""
    texts: dict[str, list[str]] = defaultdict(list)
    for view in SavedView.objects.filter(record=record.name):
        texts["view"].append(json.dumps([view.filter, view.columns, view.sort, view.options]))
    for one in in_use().values():
        texts["rule"] += _rules(write(one.definition), record.name)
    workflows = registry.get("workflow")
    if workflows is not None:
        drafts = workflows.rows(actor, archived=False).filter(draft__record=record.name)
        texts["workflow"] += [json.dumps(draft) for draft in drafts.values_list("draft", flat=True)]
    texts["shipped"] = [" ".join([*record.lists, *(v.filter for v in record.views)])]

    def said(key: str) -> str:
        word = re.compile(rf"(?<![\w.]){re.escape(key)}(?!\w)")
        n = {kind: sum(bool(word.search(text)) for text in those) for kind, those in texts.items()}
        parts = [
            _("the list") if n["shipped"] else "",
            ngettext("%d view", "%d views", n["view"]) % n["view"] if n["view"] else "",
            ngettext("%d rule of the process", "%d rules of the process", n["rule"]) % n["rule"] if n["rule"] else "",
            ngettext("%d workflow", "%d workflows", n["workflow"]) % n["workflow"] if n["workflow"] else "",
        ]  # fmt: skip
        return ", ".join(part for part in parts if part)

    for kind in ("view", "rule", "workflow", "shipped"):
        texts.setdefault(kind, [])
    return said


def _rules(part: Any, record: str) -> list[str]:
    """Every rule and need of a definition that is about rows of this type, as text."""
    if isinstance(part, dict):
        own = (
            [json.dumps({k: v for k, v in part.items() if k in ("where", "column")})]
            if part.get("of") == record
            else []
        )
        return own + [text for inner in part.values() for text in _rules(inner, record)]
    return [text for inner in part for text in _rules(inner, record)] if isinstance(part, list) else []
