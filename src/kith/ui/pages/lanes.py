"""Reading a board: which lanes there are, what stands in each, what they add up to. Two queries for all the rows.

One grouped query counts and sums every lane; one query reads the first cards of all of them, each lane by its index.
Any link or choice column can be the axis; nothing here knows which record type it has in hand.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum, Value
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from kith.kernel.kinds import Choice, Colleague, Link, Money, TeamLink
from kith.kernel.lookups.compile import compile_tree
from kith.kernel.lookups.directory import colleagues, fill_in, joined, teams
from kith.kernel.lookups.look import Look
from kith.kernel.lookups.paging import Sort, cursor_after, in_order, paginate, read_sort
from kith.kernel.lookups.tree import parse
from kith.kernel.money.totals import Totals, total
from kith.kernel.records.columns import Column
from kith.kernel.records.lean import lean_listing
from kith.kernel.records.record import Board

FIRST, STEP, MOST_CARDS, MOST_LANES = 8, 25, 400, 24


@dataclass
class Lane:
    """One column of the board. `key` is what a dropped card posts ("" for rows without a value), `row` the row of the
    axis that it stands for, if it is one."""

    key: str
    title: str
    value: Any
    row: Any = None
    count: int = 0
    sums: list[tuple[Any, str]] = field(default_factory=list)
    weights: list[tuple[Any, str]] = field(default_factory=list)
    rows: list[Any] = field(default_factory=list)
    cursor: str = ""

    @property
    def rest(self) -> int:
        return max(self.count - len(self.rows), 0)


@dataclass
class Lanes:
    """A board as it was read. `place`: the row of `Board.within` whose lanes these are, one of `places`."""

    look: Look
    axis: Column
    lanes: list[Lane]
    places: list[Any]
    place: Any
    stalled: int = 0
    stalled_sums: list[tuple[Any, str]] = field(default_factory=list)
    left_out: int = 0  # lanes beyond the most that are shown

    @property
    def board(self) -> Board:
        found: Board = self.look.record.board
        return found

    @property
    def count(self) -> int:
        return sum(lane.count for lane in self.lanes)

    @property
    def total(self) -> Totals | None:
        return total(pair for lane in self.lanes for pair in lane.sums) if self.board.total else None

    @property
    def weighted(self) -> Totals | None:
        return total(pair for lane in self.lanes for pair in lane.weights) if self.board.weighted else None

    @property
    def stalled_total(self) -> Totals:
        return total(self.stalled_sums)

    def lane(self, key: str) -> Lane | None:
        return next((lane for lane in self.lanes if lane.key == key), None)


def read_lanes(look: Look, *, more: Mapping[str, int] | None = None, cards: Iterable[str] | None = None) -> Lanes:
    """The board of a look, by the axis and the place that its state says.

    more: {lane key: how many cards}, where somebody asked for more; cards: the lanes whose cards are wanted, else all.
    """
    axis = axis_of(look, look.state.axis)
    places, place = _places(look, axis, look.state.place)
    lanes = Lanes(look, axis, _lanes(look, axis, place), places, place)
    _count(lanes)
    wanted = [lane for lane in lanes.lanes if lane.count and (cards is None or lane.key in set(cards))]
    _fill(lanes, wanted, more or {})
    return lanes


def axes(look: Look) -> list[Column]:
    """The columns that can be the axis: choices, and links that are not to endlessly many rows."""
    return [c for c in look.listable.values() if _can_part(c) and c.expr is None]


def _can_part(column: Column) -> bool:
    kind = column.kind
    if isinstance(kind, Colleague | TeamLink) or type(kind) is Choice:
        return True
    return isinstance(kind, Link) and bool(getattr(kind.record, "settings", False))


def axis_of(look: Look, key: str) -> Column:
    """The column asked for, or the type's own axis."""
    column = look.columns.get(key) if key else None
    if column is not None and (_can_part(column) or isinstance(column.kind, Link)):
        return column
    if key:
        look.problems.append(_("A board cannot be made of “%s”.") % key)
    return look.columns.get(look.record.board.by) or next(iter(axes(look)))


def sort_of(look: Look) -> Sort:
    """The order of cards: what the address says, else the board's own."""
    own = look.record.board.sort
    return look.sort if look.state.sort or own.lstrip("-") not in look.columns else read_sort(look.columns, own)


# --- which lanes ----------------------------------------------------------------------------------------------------


def _places(look: Look, axis: Column, asked: str) -> tuple[list[Any], Any]:
    """The rows that part the axis into boards of their own, and the one shown: by address, by filter, else the first."""
    within = look.columns.get(look.record.board.within)
    if within is None or axis.key != look.record.board.by:
        return [], None
    target = within.kind.record  # type: ignore[attr-defined]
    places = list(target.rows(look.actor, archived=False).order_by(target.sort, "pk"))
    filtered = next((c.values for c in look.state.tree.conditions() if (c.column, c.op) == (within.key, "is")), ())
    words = [asked, *map(str, filtered)]
    return places, next((p for p in places if str(p.pk) in words), places[0] if places else None)


def _lanes(look: Look, axis: Column, place: Any) -> list[Lane]:
    """The lanes known beforehand; those that only rows tell of are added while counting."""
    kind = axis.kind
    if type(kind) is Choice:
        return [Lane(str(k), str(v), k) for k, v in kind.options.items()]
    target = getattr(kind, "record", None)
    if target is None or not getattr(target, "settings", False):
        return []
    rows = target.rows(look.actor, archived=False).order_by(target.sort, "pk")
    if place is not None:
        rows = rows.filter(**{look.record.board.within: place.pk})
    return [Lane(str(row.pk), target.name_of(row), row.pk, row) for row in rows[:MOST_LANES]]


def standing(lanes: Lanes) -> QuerySet[Any]:
    """The rows that stand on this board, with the axis as `board_lane`."""
    look, board = lanes.look, lanes.board
    rows = look.matched
    only = parse(board.only)
    if board.only and not {c.column for c in only.conditions()} & {c.column for c in look.state.tree.conditions()}:
        rows = compile_tree(look.record, only, look.actor).apply(rows)  # the filter says nothing about it itself
    if lanes.place is not None:
        rows = rows.filter(**{look.columns[board.within].path: lanes.place.pk})
    return rows.alias(board_lane=lanes.axis.computed() or F(lanes.axis.path))


def in_lane(rows: QuerySet[Any], lane: Lane) -> QuerySet[Any]:
    if lane.value in (None, ""):
        blank = Q(board_lane__isnull=True)
        return rows.filter(blank | Q(board_lane="") if lane.value == "" else blank)
    return rows.filter(board_lane=lane.value)


# --- how much stands there ------------------------------------------------------------------------------------------


def _count(lanes: Lanes) -> None:
    """Counts and sums of every lane and currency, in one grouped query; what stands still is a group of its own, which
    costs less than asking every row twice."""
    columns, board = lanes.look.columns, lanes.board
    money, still = columns.get(board.total), columns.get(board.stalled)
    rows = standing(lanes).alias(
        board_total=_expression(money), board_weight=_expression(columns.get(board.weighted)),
        board_currency=_currency(columns, money), board_stalled=_expression(still) if still else Value(False),
    )  # fmt: skip
    groups = rows.order_by().annotate(lane=F("board_lane"), money=F("board_currency"), still=F("board_stalled"))
    sums = {"n": Count("*"), "total": Sum("board_total"), "weight": Sum("board_weight")}
    found = list(groups.values("lane", "money", "still").annotate(**sums))
    _add_lanes(lanes, found)
    for group in found:
        lane = lanes.lane(_key(lanes.axis, group["lane"]))
        if lane is None:
            continue
        lane.count += group["n"]
        lane.sums.append((group["total"], group["money"]))
        lane.weights.append((group["weight"], group["money"]))
        if group["still"]:
            lanes.stalled += group["n"]
            lanes.stalled_sums.append((group["total"], group["money"]))


def _expression(column: Column | None) -> Any:
    if column is None:
        return Cast(Value(None), _number())  # an untyped NULL has no sum
    return column.computed() or F(column.path)


def _number() -> Any:
    from django.db.models import DecimalField

    return DecimalField(max_digits=18, decimal_places=2)


def _currency(columns: dict[str, Column], money: Column | None) -> Any:
    """The column that says an amount's currency; "" (the organisation's) where there is none."""
    key = money.kind.currency if money is not None and isinstance(money.kind, Money) else ""
    return F(columns[key].path) if key in columns else Value("")


def _key(axis: Column, value: Any) -> str:
    return "" if value in (None, "") else str(value)


def _add_lanes(lanes: Lanes, groups: list[dict[str, Any]]) -> None:
    """Lanes that only the rows tell of: people and teams that have some, linked rows, and the rows without a value."""
    counts: dict[Any, int] = {}
    for group in groups:
        counts[group["lane"]] = counts.get(group["lane"], 0) + group["n"]
    unknown = [v for v in counts if v not in (None, "") and lanes.lane(str(v)) is None]
    names = _names(lanes, unknown)
    if lanes.lanes and isinstance(lanes.axis.kind, Link) and lanes.place is not None:
        names = {}  # rows in lanes of another place are on that place's board
    ranked = sorted(names, key=lambda v: (-counts[v], str(names[v]).casefold()))
    lanes.left_out = max(len(ranked) + len(lanes.lanes) - MOST_LANES, 0)
    kept = sorted(ranked[: max(MOST_LANES - len(lanes.lanes), 0)], key=lambda v: str(names[v]).casefold())
    lanes.lanes += [Lane(str(v), names[v], v) for v in kept]
    if any(v in (None, "") for v in counts):
        blank = "" if type(lanes.axis.kind) is Choice else None
        lanes.lanes.insert(0, Lane("", _("Not known") if blank == "" else _("Nobody"), blank))


def _names(lanes: Lanes, values: list[Any]) -> dict[Any, str]:
    kind = lanes.axis.kind
    if isinstance(kind, Colleague):
        return {v: str(found) for v in values if (found := colleagues().get(v)) is not None}
    if isinstance(kind, TeamLink):
        return {v: str(found) for v in values if (found := teams().get(v)) is not None}
    if not isinstance(kind, Link):
        return {v: str(v) for v in values}
    seen = kind.record.rows(lanes.look.actor).filter(pk__in=values)
    return {row.pk: kind.record.name_of(row) for row in seen}


# --- the cards ------------------------------------------------------------------------------------------------------


def _fill(lanes: Lanes, wanted: list[Lane], more: Mapping[str, int]) -> None:
    """The first cards of these lanes, in one query; each lane's share comes from its own index."""
    if not wanted:
        return
    rows, sort = standing(lanes), sort_of(lanes.look)
    arms = [
        in_order(in_lane(rows, lane), sort).values_list("pk", flat=True)[
            : min(max(more.get(lane.key, 0), FIRST), MOST_CARDS)
        ]
        for lane in wanted
    ]
    picked = arms[0].union(*arms[1:], all=True) if len(arms) > 1 else arms[0]
    for row in _shown(lanes, in_order(_listed(lanes).filter(pk__in=picked), sort)):
        lane = lanes.lane(_key(lanes.axis, row.board_lane))
        if lane is not None:
            lane.rows.append(row)
    for lane in wanted:
        lane.cursor = cursor_after(lane.rows[-1], sort) if lane.rest and lane.rows else ""


def next_cards(lanes: Lanes, lane: Lane, cursor: str) -> None:
    """Go on in one lane after what is shown. Raises Invalid for a broken cursor."""
    rows = in_lane(_listed(lanes).filter(pk__in=standing(lanes).values("pk")), lane)
    page = paginate(rows, sort_of(lanes.look), cursor, STEP)
    lane.rows, lane.cursor = _shown(lanes, page.rows), page.after


def _listed(lanes: Lanes) -> QuerySet[Any]:
    """Rows joined for what a card shows, with their lane; rows themselves are picked from those that stand there."""
    record, actor = lanes.look.record, lanes.look.actor
    shown = shown_on_cards(lanes.look)
    reads = {
        *lanes.board.note_reads.split(),
        *(["next_step", "next_step_at"] if any(c.key == "next_step" for c in shown) else []),
    }
    if lanes.board.card_note is not None and not lanes.board.note_reads:
        rows: QuerySet[Any] = record.listing(record.rows(actor), joined(shown))
    else:
        rows = lean_listing(record, record.rows(actor), joined(shown), shown, reads)
    return rows.annotate(board_lane=lanes.axis.computed() or F(lanes.axis.path))


def shown_on_cards(look: Look) -> list[Column]:
    return [look.columns[key] for key in look.record.board.card.split() if key in look.columns]


def _shown(lanes: Lanes, rows: Iterable[Any]) -> list[Any]:
    found = list(rows)
    fill_in(shown_on_cards(lanes.look), found)
    return found
