"""The panel of related rows: everything that links here, found from the registry's link columns, in one query.

Each record type shows its newest few and how many there are, counted to a cap, with a link to the list filtered to
exactly those. Nothing beyond what the reader may see is shown or counted.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import F, Q, TextField, Value
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _
from markupsafe import Markup, escape

from kith.kernel.access.actor import Actor
from kith.kernel.kinds import Choice, Day, Link, LongText, Many, Moment, Money, Tags, Text
from kith.kernel.records.columns import Column
from kith.kernel.records.naming import title_of
from kith.kernel.records.registry import registry
from kith.kernel.text import brief
from kith.ui.pages.show import render
from kith.ui.panels import Panel, panels_of

SHOWN, CAP = 3, 1000


@dataclass
class Item:
    name: str
    url: str
    figure: str
    sub: Any


@dataclass
class Group:
    """Rows of one record type that link here."""

    record: Any
    keys: list[str]
    add: str
    rows: list[Item] = field(default_factory=list)
    count: int = 0

    @property
    def more(self) -> bool:
        return self.count > CAP

    def all_url(self, pk: int) -> str:
        """The list of exactly these rows; by the first link where several lead here."""
        parts = [f"{key}.is:{pk}" for key in self.keys]
        tree = parts[0] if len(parts) == 1 else f"any({','.join(parts)})"
        return f"/{self.record.slug}/?{urlencode({'filter': tree})}"


@dataclass(frozen=True)
class Shape:
    """Which columns of a type stand beside its name here: one figure with its currency, one quieter word."""

    figure: Column | None
    sub: Column | None


def context(actor: Actor, row: Any) -> dict[str, Any] | None:
    target = registry.by_model(type(row))
    if target is None:
        return None
    covered = {name for panel in panels_of(target) for name in panel.covers}
    links = [(record, keys) for record, keys in links_to(target.name, actor) if record.name not in covered]
    groups = {record.name: _group(record, keys, actor, row.pk) for record, keys in links}
    _fill(groups, actor, row.pk)
    shown = sorted((g for g in groups.values() if g.rows), key=lambda g: not any(item.figure for item in g.rows))
    adds = [(group.record.label, group.add) for group in groups.values() if group.add]
    return {"groups": shown, "adds": adds, "pk": row.pk} if shown or adds else None


RELATED = Panel(
    "related", _("Related"), "pages/panel_related.html", context, depends_on=("*",), place="related", order=70
)


def links_to(name: str, actor: Actor) -> list[tuple[Any, list[str]]]:
    """(record type, keys of its link columns that lead to `name`), for types the actor may see."""
    out = []
    for record in registry:
        if record.settings or not actor.can(f"{record.name}.see"):
            continue
        keys = [
            key
            for key, column in record.columns(actor).items()
            if isinstance(column.kind, Link)
            and column.kind.target == name
            and (column.custom or column.field is not None)
        ]
        if keys:
            out.append((record, keys))
    return out


def _group(record: Any, keys: list[str], actor: Actor, pk: int) -> Group:
    writable = record.writable(actor) if actor.can(f"{record.name}.create") else {}
    key = next((k for k in keys if k in writable), "")
    return Group(record, keys, f"/{record.slug}/new?{key}={pk}" if key else "")


def _fill(groups: dict[str, Group], actor: Actor, pk: int) -> None:
    """One UNION ALL over the types, each arm capped; everything comes as text and is read by its kind."""
    arms, params, shapes = [], [], {}
    for group in groups.values():
        shapes[group.record.name] = shape = _shape(group, actor)
        try:
            sql, given = _rows(group, shape, actor, pk).query.sql_with_params()
        except EmptyResultSet:
            continue
        arm = f"(SELECT %s::text, s.*, count(*) OVER () FROM ({sql}) s ORDER BY s.id DESC LIMIT {SHOWN})"  # noqa: S608  made by the ORM
        arms.append(arm)
        params += [group.record.name, *given]
    if not arms:
        return
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(arms), params)
        for name, row_pk, title, figure, currency, sub, count in cursor.fetchall():
            group, shape = groups[name], shapes[name]
            group.count = count
            group.rows.append(
                Item(brief(title) or f"{group.record.label} {row_pk}", group.record.url(row_pk), _figure(shape, figure, currency),
                     _sub(shape, sub))
            )  # fmt: skip


def _rows(group: Group, shape: Shape, actor: Actor, pk: int) -> Any:
    record, q = group.record, Q()
    for key in group.keys:
        column = record.columns()[key]
        q |= Q(custom__contains={column.custom: {"id": pk}}) if column.custom else Q(**{f"{column.path}_id": pk})
    rows = record.rows(actor, archived=False).filter(q).order_by("-pk")
    fields = {f.name for f in record.model._meta.concrete_fields}
    currency = shape.figure.kind.currency if shape.figure else ""  # type: ignore[attr-defined]
    texts = {
        "rel_figure": shape.figure.path if shape.figure else None,
        "rel_currency": currency if currency in fields else None,
        "rel_sub": _sub_path(shape.sub) if shape.sub else None,
    }
    cast = {alias: Cast(F(p) if p else Value(""), TextField()) for alias, p in texts.items()}
    return rows.annotate(rel_title=title_of(record, actor), **cast).values_list("id", "rel_title", *cast)[: CAP + 1]


def _shape(group: Group, actor: Actor) -> Shape:
    columns = group.record.columns(actor)
    figure = next(
        (c for c in columns.values() if isinstance(c.kind, Money) and c.facts.measure and c.field is not None), None
    )
    listed = (columns[k] for k in group.record.lists[1:] if k in columns and k not in group.keys)
    return Shape(figure, next((c for c in listed if _tells(c, actor)), None))


def _tells(column: Column, actor: Actor) -> bool:
    """Whether a column says something about a row in a word, without naming rows the reader may not see."""
    if column.field is None or isinstance(column.kind, LongText | Many | Tags):
        return False
    if isinstance(column.kind, Link):
        target = column.kind.record
        return column.kind.target not in registry or target.scope.q(actor, target.name, "see") == Q()
    return isinstance(column.kind, Text | Choice | Day | Moment)


def _sub_path(column: Column) -> str:
    return f"{column.path}__{column.kind.record.title}" if isinstance(column.kind, Link) else column.path


def _figure(shape: Shape, figure: str | None, currency: str | None) -> str:
    if not shape.figure or not figure:
        return ""
    return str(shape.figure.kind.show(Decimal(figure), currency or "", brief=True))  # type: ignore[call-arg]


def _sub(shape: Shape, sub: str | None) -> Markup:
    if shape.sub is None or not sub:
        return Markup("")
    kind = shape.sub.kind
    return escape(sub) if isinstance(kind, Link) else render(kind, kind.load(sub), brief=True)
