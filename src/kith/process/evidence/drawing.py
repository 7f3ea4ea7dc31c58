"""Where everything stands on the map: nodes on a line, ribbons between them, skips above, returns below, words on none of it.

Pure arithmetic: a definition and a flow in, coordinates out, in the units of the drawing's own viewBox. The template turns
them into SVG. Ribbons and arcs are as wide as the root of their count, the widest 39 units.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from itertools import pairwise
from math import sqrt

from kith.process.definition.shape import Definition
from kith.process.evidence.flow import Arc, Cell, Flow
from kith.process.evidence.walks import BACK, FLOW, SKIP

WIDE, COLUMN = 1092, 121.3  # of up to nine stages; each further one adds a column
RADIUS = 19
WIDEST, THIN = 39.0, 1.5
STEP_UP, FIRST_UP = 34, 58  # from level to level of arcs, and from the line to the first
CHARACTER, APART = 6.9, 14  # width of a letter, and what stays free between two tags
LONGEST = 44  # letters of a tag; the whole is in its title
MOST = 8  # arcs on each side; rarer ones are counted in words
WAY = "way"  # the kind of a curve onwards that is nothing skipped
LEAST = 0.01  # of all who came in: arcs under it are counted in words


@dataclass(frozen=True)
class Node:
    key: str
    name: str
    step: int
    x: float


@dataclass(frozen=True)
class Ribbon:
    """Those who went from one stage to the next. `inside`: the number fits into it; else it stands at `text_y` above."""

    of: Node
    to: Node
    count: int
    cell: Cell
    width: float
    y: float
    mid: float
    inside: bool
    text_y: float


@dataclass(frozen=True)
class Curve:
    """An arc that leaves the line. `kind` is skip, way (a designed one past stages that are not asked here) or back."""

    kind: str
    of: Node
    to: Node
    count: int
    cell: Cell
    skipped: tuple[str, ...]  # names
    path: str
    width: float
    mid: float
    text_y: float
    text: str
    whole: str  # the text where it had to be cut
    worst: bool = False


@dataclass(frozen=True)
class Drawing:
    """`left_out` journeys went ways that are too rare to be drawn, `ways` of them; `began` counts those who began later."""

    width: float
    height: float
    y: float
    nodes: tuple[Node, ...]
    ribbons: tuple[Ribbon, ...]
    curves: tuple[Curve, ...]
    left_out: int = 0
    ways: int = 0
    began: tuple[Arc, ...] = ()
    gone: tuple[str, ...] = ()  # keys of stages that the definition no longer has

    @property
    def many(self) -> int:
        return len(self.nodes)


Say = Callable[["Arc", tuple[str, ...], str], str]  # the words on an arc: arc, names of what it skips, name of its end


@dataclass
class _Plan:
    """An arc that will be drawn, with the room its words take."""

    arc: Arc
    of: Node
    to: Node
    skipped: tuple[str, ...]
    text: str
    mid: float
    left: float
    right: float
    level: int = 0


@dataclass
class _Side:
    plans: list[_Plan] = field(default_factory=list)
    left_out: int = 0
    ways: int = 0

    @property
    def levels(self) -> int:
        return max((plan.level + 1 for plan in self.plans), default=0)


def draw(definition: Definition, flow: Flow, say: Say, worst: Collection[Cell] = (), widest: float = WIDEST) -> Drawing:
    """`say` gives the words on an arc, `worst` are cells of arcs that are drawn in red, `widest` is that of the busiest way."""
    width = round(max(WIDE, COLUMN * len(definition.stages)), 1)
    column = width / len(definition.stages)
    nodes = {s.key: Node(s.key, s.name, s.step, round(column * (n + 0.5), 1)) for n, s in enumerate(definition.stages)}
    known = [a for a in flow.arcs if a.of in nodes and a.to in nodes]
    beside = {(a.key, b.key) for a, b in pairwise(definition.stages)}
    arcs = [a for a in known if a.kind != FLOW or (a.of, a.to) not in beside]
    above = _side([a for a in arcs if a.kind != BACK], definition, flow, nodes, say, width)
    below = _side([a for a in arcs if a.kind == BACK], definition, flow, nodes, say, width)
    y = 58 + FIRST_UP + STEP_UP * max(0, above.levels - 1) if above.plans else 58
    height = y + 40 + (30 + STEP_UP * below.levels if below.plans else 0)
    scale = widest / sqrt(max((a.count for a in known), default=1))
    return Drawing(
        width, height, y, tuple(nodes.values()),
        tuple(_ribbons(definition, flow, nodes, scale, y)),
        tuple(_curve(plan, y, scale, worst) for plan in (*below.plans, *above.plans)),
        above.left_out + below.left_out, above.ways + below.ways,
        tuple(a for a in flow.arcs if not a.of and a.to in nodes and a.kind == SKIP),
        tuple(key for key in flow.stages if key not in nodes),
    )  # fmt: skip


def _ribbons(definition: Definition, flow: Flow, nodes: dict[str, Node], scale: float, y: float) -> list[Ribbon]:
    out = []
    for before, after in pairwise(definition.stages):
        arc = flow.arc(before.key, after.key, FLOW) or Arc(before.key, after.key, FLOW, 0)
        of, to = nodes[before.key], nodes[after.key]
        wide = _width(arc.count, scale) if arc.count else 0.0
        inside = wide >= 18
        above = round(y - wide / 2 - 6, 1)
        out.append(
            Ribbon(of, to, arc.count, arc.cell, wide, round(y - wide / 2, 1), round((of.x + to.x) / 2, 1), inside,
                   y + 4.5 if inside else above)
        )  # fmt: skip
    return out


def _width(count: int, scale: float) -> float:
    return round(max(THIN, scale * sqrt(count)), 1)


def _side(arcs: list[Arc], definition: Definition, flow: Flow, nodes: dict[str, Node], say: Say, width: float) -> _Side:
    """What is drawn on one side of the line: the most frequent, each at the lowest level where it meets no other."""
    least = LEAST * max((s.came for s in flow.stages.values()), default=0)
    drawn = [a for a in arcs if a.count >= least][:MOST]
    out = _Side(left_out=sum(a.count for a in arcs) - sum(a.count for a in drawn), ways=len(arcs) - len(drawn))
    for arc in sorted(drawn, key=lambda a: (abs(nodes[a.of].x - nodes[a.to].x), -a.count)):
        of, to = nodes[arc.of], nodes[arc.to]
        between = range(definition.order[arc.of] + 1, definition.order[arc.to])
        skipped = tuple(definition.stages[n].name for n in between) if arc.kind == SKIP else ()
        text = say(arc, skipped, to.name)
        half = min(len(text), LONGEST) * CHARACTER / 2
        mid = min(max((of.x + to.x) / 2, half), width - half)
        plan = _Plan(
            arc, of, to, skipped, text, round(mid, 1), min(of.x, to.x, mid - half), max(of.x, to.x, mid + half)
        )
        plan.level = _level(plan, out.plans)
        out.plans.append(plan)
    return out


def _level(plan: _Plan, others: list[_Plan]) -> int:
    taken = {o.level for o in others if plan.left < o.right + APART and o.left < plan.right + APART}
    return next(level for level in range(len(others) + 1) if level not in taken)


def _curve(plan: _Plan, y: float, scale: float, worst: Collection[Cell]) -> Curve:
    """A cubic whose top lies at the level's height: three quarters of the way to its handles."""
    arc, wide = plan.arc, _width(plan.arc.count, scale)
    back = arc.kind == BACK
    wide = min(wide, 13.0)
    sign = 1 if back else -1
    begin = y + sign * (RADIUS - 1)
    top = y + sign * (FIRST_UP + STEP_UP * plan.level)
    handle = round((4 * top - begin) / 3, 1)
    x1, x2 = (plan.of.x - 7, plan.to.x + 8) if back else (plan.of.x + 7, plan.to.x - 7)
    end = begin + 8 if back else begin
    text_y = round(top + wide / 2 + 15 if back else top - wide / 2 - 6, 1)
    kind = WAY if arc.kind == FLOW else arc.kind
    path = f"M{x1:g} {begin:g} C{x1:g} {handle:g} {x2:g} {handle:g} {x2:g} {end:g}"
    text = plan.text if len(plan.text) <= LONGEST else plan.text[: LONGEST - 1].rstrip() + "…"
    return Curve(kind, plan.of, plan.to, arc.count, arc.cell, plan.skipped, path, wide, plan.mid, text_y, text, plan.text,
                 arc.cell in worst)  # fmt: skip
