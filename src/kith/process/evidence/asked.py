"""What an address of the process map asks for: process, period, filter, and whether the way is shown as designed or as gone.

`MapLook` is the same as a look at journeys, for the filter's parts and its editor.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kith.insight.period import Period, read_period
from kith.insight.source import SAFE
from kith.kernel.access.actor import Actor
from kith.kernel.errors import KithError
from kith.kernel.lookups.look import Look
from kith.kernel.lookups.state import ListState
from kith.kernel.lookups.tree import Condition, Group, parse, to_text
from kith.kernel.lookups.views import ALL, ViewOffer
from kith.kernel.records.registry import registry
from kith.process.definition.shape import Definition, Segment
from kith.process.versions import InForce, in_use
from kith.ui.pages.frame import Chip, chips

DEFAULT = "last_365_days"
BASE = "/process/map"
WORKING = "working"
DESIGNED, ACTUAL, BOTH = "designed", "actual", "both"
SHOWS = {DESIGNED: gettext_lazy("Designed"), ACTUAL: gettext_lazy("Actual"), BOTH: gettext_lazy("Both")}


@dataclass(frozen=True)
class Asked:
    """What an address asks for. `problems` are sentences about what could not be read and was left out."""

    chosen: InForce
    period: Period
    tree: Group
    show: str = BOTH
    problems: tuple[str, ...] = ()
    working: bool = False  # are times in working hours, not by the clock?

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
        show = params.get("show") or BOTH
        if show not in SHOWS:
            problems.append(_("“%s” is not a way to show the map; there are designed, actual and both.") % show[:40])
            show = BOTH
        return cls(chosen, period, tree, show, tuple(problems), params.get("time") == WORKING)

    def params(self) -> dict[str, str]:
        out = {"process": self.chosen.process.key, **self.period.params()}
        out |= {"show": self.show} if self.show != BOTH else {}
        out |= {"time": WORKING} if self.working else {}
        return {**out, "filter": to_text(self.tree)} if self.tree else out

    @property
    def definition(self) -> Definition:
        return self.chosen.definition

    @property
    def segment(self) -> Segment | None:
        """The one segment that the filter keeps to, where it keeps to one."""
        named = [p for p in self.tree.parts if _is_segment(p)] if self.tree.how == "all" else []
        wanted = named[0].values[0] if len(named) == 1 and isinstance(named[0], Condition) else None
        return next((s for s in self.definition.segments if wanted in (s.key, s.name)), None)

    def of_segment(self, key: str) -> Asked:
        """The same of one segment; of all with ""."""
        parts = self.tree.parts if self.tree.how == "all" else (self.tree,)
        kept = tuple(p for p in parts if not _is_segment(p))
        more = (Condition("segment", "is", (key,)),) if key else ()
        return replace(self, tree=Group("all", (*kept, *more)))

    def address(self, part: str = "", **more: str) -> str:
        return f"{BASE}{part}?{urlencode({**self.params(), **more}, safe=SAFE)}"


def _is_segment(part: Condition | Group) -> bool:
    return isinstance(part, Condition) and (part.column, part.op, len(part.values)) == ("segment", "is", 1)


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
