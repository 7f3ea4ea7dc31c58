"""What the page of the process map shows: the map drawn, the ledger, paths, costs and findings, each number with its link.

The address carries everything: process, period, filter. A reader who sees all journeys and filters none gets the
maintained sums; anybody else the count of the rows they see.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kith.insight.period import CUSTOM, PRESETS, Period, read_period
from kith.insight.source import SAFE, Source
from kith.kernel.access.actor import Actor
from kith.kernel.errors import KithError
from kith.kernel.lookups.look import Look
from kith.kernel.lookups.state import ListState
from kith.kernel.lookups.tree import Condition, Group, parse, to_text
from kith.kernel.lookups.views import ALL, ViewOffer
from kith.kernel.records.registry import registry
from kith.process.definition.shape import Definition
from kith.process.evidence.drawing import Drawing, draw
from kith.process.evidence.finding import WENT, Went
from kith.process.evidence.flow import Arc, Cell, Flow, Tally, flow
from kith.process.evidence.models import Study
from kith.process.evidence.reading import counted, scanned
from kith.process.evidence.walks import BACK, SKIP
from kith.process.versions import InForce, in_use
from kith.ui.filters import number
from kith.ui.pages.frame import Chip, chips

DEFAULT = "last_365_days"
BASE = "/process/map"


@dataclass(frozen=True)
class Asked:
    """What an address asks for. `problems` are sentences about what could not be read and was left out."""

    chosen: InForce
    period: Period
    tree: Group
    problems: tuple[str, ...] = ()

    @classmethod
    def read(cls, params: Mapping[str, str]) -> Asked | None:
        """None while no process is in force."""
        running = sorted(in_use().values(), key=lambda one: (not one.process.is_default, one.process.name))
        if not running:
            return None
        chosen = next((one for one in running if one.process.key == params.get("process")), running[0])
        problems: list[str] = []
        wanted = {key: params[key] for key in ("period", "from", "to") if params.get(key)}
        try:
            period = read_period(wanted, DEFAULT)
        except KithError as problem:
            problems.append(problem.message)
            period = read_period({}, DEFAULT)
        try:
            tree = parse(params.get("filter", ""))
        except KithError as problem:
            problems.append(problem.message)
            tree = Group()
        return cls(chosen, period, tree, tuple(problems))

    def params(self) -> dict[str, str]:
        out = {"process": self.chosen.process.key, **self.period.params()}
        return {**out, "filter": to_text(self.tree)} if self.tree else out

    def address(self, part: str = "", **more: str) -> str:
        return f"{BASE}{part}?{urlencode({**self.params(), **more}, safe=SAFE)}"


@dataclass(eq=False)
class MapLook(Look):
    """A look at journeys whose addresses are those of the map."""

    asked: Any = None

    @classmethod
    def of(cls, actor: Actor, asked: Asked) -> MapLook:
        whole = ViewOffer(ALL, "", ListState())
        return cls(registry["journey"], actor, [whole], whole, ListState(asked.tree), asked=asked)

    @property
    def base(self) -> str:
        return f"{BASE}/"

    def params(self, state: ListState | None = None, **more: str) -> dict[str, str]:
        tree = (state or self.state).tree
        return {**replace(self.asked, tree=tree).params(), **more}

    def narrowed_to(self, tree: Group) -> MapLook:
        return MapLook.of(self.actor, replace(self.asked, tree=tree))

    def address(self) -> str:
        return str(self.asked.address())

    def hows(self) -> list[tuple[str, str]]:
        return [("all", _("all of these")), ("any", _("any of these")), ("not", _("none of these"))]

    def chips(self) -> list[Chip]:
        return [replace(c, edit=f"{self.base}filter/?{self.query(at=str(n))}") for n, c in enumerate(chips(self))]


@dataclass
class Map:
    """One map for one reader."""

    actor: Actor
    asked: Asked
    source: Source = field(init=False)

    def __post_init__(self) -> None:
        self.source = Source(registry["journey"], self.actor, self.asked.tree)

    @property
    def definition(self) -> Definition:
        return self.asked.chosen.definition

    @property
    def process(self) -> int:
        return int(self.asked.chosen.process.pk)

    @property
    def whole(self) -> bool:
        """Does the reader see every journey, without a filter?"""
        return not self.asked.tree and self.actor.level("journey", "see") == "all"

    @cached_property
    def tally(self) -> Tally:
        period = self.asked.period
        if self.whole:
            return counted(self.process, period.start, period.end)
        return scanned(self.process, self.source.rows, period.start, period.end)

    @cached_property
    def study(self) -> Study | None:
        """What was worked out last night, from all journeys: so only for who sees them all."""
        return Study.objects.filter(process=self.process).first() if self.whole else None

    @cached_property
    def flow(self) -> Flow:
        return flow(self.tally)

    def drawing(self, costly: Collection[str] = ()) -> Drawing:
        """`costly` are keys of stages that cost customers when they are skipped: arcs past them are drawn in red."""
        definition = self.definition
        worst = [
            arc.cell
            for arc in self.flow.arcs
            if arc.kind == SKIP and arc.of in definition.order and arc.to in definition.order
            and not set(costly).isdisjoint(definition.skipped(arc.of, arc.to))
        ]  # fmt: skip
        return draw(definition, self.flow, _say_arc, worst)

    def rows(self, cell: Cell) -> str:
        """The address of the list of the journeys that a cell is true of."""
        period = self.asked.period
        went = Went(cell, period.start, period.end)
        return self.source.url(Condition("process", "is", (str(self.process),)), Condition(WENT, "is", (went.text(),)))

    def name(self, key: str) -> str:
        stage = self.definition.by_key.get(key)
        return stage.name if stage else key

    @property
    def began(self) -> int:
        return sum(arc.count for arc in self.flow.arcs if not arc.of)

    def says(self) -> str:
        """ "6,412 relationships began in these days, 13 March 2025 to 12 March 2026." """
        n = self.began
        words = ngettext("%s relationship began", "%s relationships began", n) % number(n)
        days = self.asked.period.days()
        return f"{words}, {days}." if days else f"{words}."

    def notes(self, d: Drawing) -> list[str]:
        """What the drawing leaves out."""
        out = []
        for arc in d.began:
            out.append(_("%(n)s began in %(stage)s.") % {"n": number(arc.count), "stage": self.name(arc.to)})
        if d.left_out:
            out.append(
                ngettext(
                    "%(n)s more moves went %(ways)s rarer way.", "%(n)s more moves went %(ways)s rarer ways.", d.ways
                )
                % {"n": number(d.left_out), "ways": number(d.ways)}
            )
        if d.gone:
            names = ", ".join(d.gone)
            out.append(_("Stages that are no longer part of the process are left out: %s.") % names)
        return out

    def periods(self) -> list[tuple[str, str, bool]]:
        now = self.asked.period
        return [(str(words), replace(self.asked, period=replace(now, key=key)).address(), key == now.key) for key, words in PRESETS.items()]  # fmt: skip

    def processes(self) -> list[tuple[str, str, bool]]:
        chosen = self.asked.chosen.process.pk
        return [(one.process.name, replace(self.asked, chosen=one).address(), one.process.pk == chosen) for one in in_use().values()]  # fmt: skip

    @property
    def custom(self) -> bool:
        return self.asked.period.key == CUSTOM


def _say_arc(arc: Arc, skipped: tuple[str, ...], end: str) -> str:
    n = number(arc.count)
    if arc.kind == BACK:
        return _("%(n)s back to %(stage)s") % {"n": n, "stage": end}
    if arc.kind == SKIP:
        return _("%(n)s skipped %(stages)s") % {"n": n, "stages": ", ".join(skipped)}
    return _("%(n)s straight to %(stage)s") % {"n": n, "stage": end}


def fresh_words(at: Any) -> str:
    """ "Counted at 12:40." """
    if at is None:
        return _("Nothing has been counted yet; figures come within a minute.")
    return _("Counted at %s.") % timezone.localtime(at).strftime("%H:%M")
