"""A field to filter journeys by: what the map says of them. Each number on the map is a link to a list with this filter.

Its text is "late/qualify/2025-03-13/2026-03-12": the cell, then the days between which the journey came to the stage.
Moves name both ends and how: "move/capture/deal/skip/…". "qualify" alone is everybody who ever came to Qualify.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Min, Q
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.kernel.errors import Invalid
from kith.kernel.kinds import Operator
from kith.kernel.kinds.base import Kind
from kith.kernel.records.columns import Facts
from kith.kernel.records.registry import registry
from kith.process.evidence.flow import CAME, DUE, HERE, LATE, LEFT, MOVE, ON, TIME, Cell
from kith.process.evidence.models import Passage, Trail
from kith.process.evidence.walks import BACK, FLOW, JOINED, SKIP
from kith.process.kinds import stages
from kith.process.versions import in_use

WENT, PATH, MISSED, PASSED, DID = "went", "path", "missed", "passed", "did"
OF_STAGE = {
    CAME: _("came to %s"), ON: _("moved on from %s"), LEFT: _("ended in %s"), HERE: _("are in %s now"),
    DUE: _("had a promise in %s"), LATE: _("were late in %s"), MISSED: _("skipped %s"),
    TIME: _("were in %s and are no longer"),
}  # fmt: skip
CAME_PAST = {DID: _("did %s and came past it"), SKIP: _("skipped %s and came past it")}
TWO = (PATH, PASSED)  # whose text has a second word
MOVED = {
    FLOW: _("from %(of)s to %(to)s"),
    SKIP: _("from %(of)s straight to %(to)s"),
    BACK: _("from %(of)s back to %(to)s"),
}


@dataclass(frozen=True)
class Went:
    """A cell and two days, both included. `PATH` has the stages in `stage`, parted by ">", and the goal in `to`.

    `PASSED` is who came past `stage` in these days, `to` says whether they did it or skipped it: the sides of a comparison.
    """

    cell: Cell
    since: dt.date | None = None
    until: dt.date | None = None

    def text(self) -> str:
        cell = self.cell
        more = (cell.to, cell.kind) if cell.what == MOVE else (cell.to,) if cell.what in TWO else ()
        days = (self.since.isoformat() if self.since else "", self.until.isoformat() if self.until else "")
        return "/".join((cell.what, cell.stage, *more, *days)).rstrip("/")

    @classmethod
    def read(cls, text: str) -> Went:
        """Raises Invalid with words for people."""
        parts = text.strip().split("/")
        if len(parts) == 1:
            return cls(Cell(CAME, parts[0]))
        what, *rest = parts
        many = 3 if what == MOVE else 2 if what in TWO else 1
        rest += [""] * (many + 2 - len(rest))
        if (
            (what not in OF_STAGE and what not in (MOVE, *TWO))
            or len(rest) > many + 2
            or (what == PASSED and rest[1] not in CAME_PAST)
            or (what == MOVE and rest[2] not in MOVED)
        ):
            raise Invalid(__("“%s” is no figure of the process map; follow a number there to get one.") % text[:60])
        return cls(Cell(what, *rest[:many]), _day(rest[many]), _day(rest[many + 1]))

    def q(self, path: str) -> Q:
        """The journeys it is true of."""
        if self.cell.what == PASSED:
            return Q(**{f"{path}__in": self._past().values("journey_id")})
        if self.cell.what in (PATH, MISSED):
            trails = Trail.objects.all()
            if self.cell.what == MISSED:
                return Q(**{f"{path}__in": trails.filter(skipped__contains=[self.cell.stage]).values("journey_id")})
            came = self._within(Passage.objects.filter(stage=self.cell.to)).values("journey_id")
            same = trails.filter(path=self.cell.stage.split(">"), journey__in=came)
            return Q(**{f"{path}__in": same.values("journey_id")})
        return Q(**{f"{path}__in": self._within(self._passages()).values("journey_id")})

    def _passages(self) -> Any:
        what, stage, to, kind = self.cell
        if what != MOVE:
            rows = Passage.objects.filter(stage=stage)
            if what == TIME:  # whose stay is over, so that it has a length
                return rows.filter(took__isnull=False)
            return rows if what == CAME else rows.filter(**{what: True})
        if not stage:
            return Passage.objects.filter(stage=to, began=kind)
        return Passage.objects.filter(stage=stage, went__contains=[f"{to}:{kind}"])

    def _past(self) -> Any:
        """Trails of those who first came to any later stage within the days; which stages are later, its process says."""
        side, out = self.cell.to, Q(pk__in=[])
        for one in in_use().values():
            order = one.definition.order
            later = [key for key, at in order.items() if at > order.get(self.cell.stage, len(order))]
            beyond = Passage.objects.filter(process=one.process, stage__in=later).values("journey_id")
            out |= Q(journey__in=self._within(beyond.annotate(first=Min("day")), "first").values("journey_id"))
        whose = "skipped__contains" if side == SKIP else "path__contains"
        return Trail.objects.filter(out, **{whose: [self.cell.stage]}).exclude(journey__outcome=JOINED)

    def _within(self, rows: Any, day: str = "day") -> Any:
        rows = rows if self.since is None else rows.filter(**{f"{day}__gte": self.since})
        return rows if self.until is None else rows.filter(**{f"{day}__lte": self.until})

    def says(self) -> str:
        names = stages()

        def name(key: str) -> str:
            return names.get(key, key)

        cell = self.cell
        if cell.what == PATH:
            words = " → ".join(name(key) for key in cell.stage.split(">"))
        elif cell.what == PASSED:
            words = str(CAME_PAST[cell.to]) % name(cell.stage)
        elif cell.what == MOVE and not cell.stage:
            words = __("began in %s") % name(cell.to)
        elif cell.what == MOVE:
            words = str(MOVED[cell.kind]) % {"of": name(cell.stage), "to": name(cell.to)}
        else:
            words = str(OF_STAGE[cell.what]) % name(cell.stage)
        if self.since and self.until:
            return __("%(what)s, %(since)s to %(until)s") % {"what": words, "since": self.since, "until": self.until}
        if self.since:
            return __("%(what)s, since %(since)s") % {"what": words, "since": self.since}
        return words


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError:
        raise Invalid(__("“%s” is not a day; write it like 2025-01-31.") % text[:20]) from None


class OnTheMap(Kind):
    name, sortable = "on_the_map", False

    def clean(self, value: Any) -> Went:
        return value if isinstance(value, Went) else Went.read(str(value))

    def dump(self, value: Any) -> Any:
        return value.text() if isinstance(value, Went) else value

    def show(self, value: Any) -> str:
        return value.says() if isinstance(value, Went) else ""

    def ops(self) -> tuple[Operator, ...]:
        return (
            Operator("is", _("is"), "one", lambda path, went: went.q(path)),
            Operator("is_not", _("is not"), "one", lambda path, went: ~went.q(path)),
        )


journey = registry["journey"]
journey.fields = {
    **journey.fields,
    WENT: Facts(kind=OnTheMap(), label=_("On the process map"), expr=F("pk"), faces=frozenset({"filter"})),
}
