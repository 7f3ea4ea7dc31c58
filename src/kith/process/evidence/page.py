"""What the page of the process map shows: the map drawn, the ledger, paths, costs and findings, each number with its link.

The address carries everything: process, period, filter. A reader who sees all journeys and filters none gets the
maintained sums, those of one segment too; anybody else the count of the rows they see, made in the page as long as that takes
no longer than a few seconds, and beside it otherwise.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kith.insight.period import ALL, CUSTOM, PRESETS
from kith.insight.source import Source
from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid
from kith.kernel.lookups.tree import Condition, Group
from kith.kernel.records.registry import registry
from kith.process.definition.shape import Definition
from kith.process.evidence import slowly
from kith.process.evidence.asked import ACTUAL, DESIGNED, SHOWS, Asked
from kith.process.evidence.counting import as_of, versions
from kith.process.evidence.drawing import WAY, Drawing, draw
from kith.process.evidence.finding import WENT, Went
from kith.process.evidence.flow import CAME, Arc, Cell, Flow, Tally, flow
from kith.process.evidence.lived import lived
from kith.process.evidence.models import Study
from kith.process.evidence.patience import YEAR
from kith.process.evidence.reading import bounded, counted, scanned, sees_all
from kith.process.evidence.walks import BACK, SKIP
from kith.process.models import Version
from kith.process.versions import in_use
from kith.ui.dates import day as day_words
from kith.ui.filters import number


@dataclass(frozen=True)
class _Counted:
    """The figures and as of when; or none, and why."""

    tally: Tally
    at: Any
    given_up: str = ""
    waits: bool = False


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
        return not self.asked.tree and sees_all(self.actor)

    @property
    def _kept(self) -> list[str] | None:
        """The segments whose maintained sums are these figures, where the reader filters by nothing else; None where rows are."""
        segment = self.asked.segment
        alone = segment is not None and len(self.asked.tree.parts) == 1
        return [segment.key] if alone and segment and sees_all(self.actor) else None

    @cached_property
    def _counted(self) -> _Counted:
        period = self.asked.period
        if self.whole or self._kept is not None:
            return _Counted(counted(self.process, period.start, period.end, self._kept, self.asked.working), as_of())
        question = (self.actor, self.asked.params(), (period.start, period.end))
        if (known := slowly.known(*question)) is not None:
            return _Counted(known.tally, known.counted_at, known.problem, known.counted_at is None)
        try:
            with bounded():
                return _Counted(
                    scanned(self.process, self.source.rows, period.start, period.end, self.asked.working), as_of()
                )
        except Invalid as problem:
            waits = slowly.ask(*question)
            return _Counted(Tally(), None, "" if waits else problem.message, waits)

    @property
    def tally(self) -> Tally:
        return self._counted.tally

    @property
    def counted_at(self) -> Any:
        return self._counted.at

    @property
    def given_up(self) -> str:
        """Why nothing was counted, and what to do; "" where it was."""
        return self._counted.given_up

    @property
    def waits(self) -> bool:
        """Are the figures being counted beside the page? See `slowly.py`."""
        return self._counted.waits

    @cached_property
    def study(self) -> Study | None:
        """What was worked out last night, from all journeys: so only for who sees them all."""
        return Study.objects.filter(process=self.process).first() if self.whole else None

    @cached_property
    def flow(self) -> Flow:
        return flow(self.tally)

    @property
    def actual(self) -> bool:
        """Is only shown what happened, without what was meant?"""
        return self.asked.show == ACTUAL

    @property
    def as_designed(self) -> bool:
        return self.asked.show == DESIGNED

    @cached_property
    def shown(self) -> Definition:
        """The definition with the stages that stand on the map: where only what happened is shown, those somebody came to."""
        if not self.actual:
            return self.definition
        gone = not self.flow.stages.keys() <= self.definition.by_key.keys()
        held = {n: d for (pk, n), d in versions().items() if pk == self.process} if gone else {}
        return lived(self.definition, self.flow, [held[n] for n in sorted(held, reverse=True)])

    def drawing(self, costly: Collection[str] = ()) -> Drawing:
        """`costly` are keys of stages that cost customers when they are skipped: arcs past them are drawn in red."""
        if self.actual:
            found = draw(self.shown, self.flow, _say_way)
            return replace(found, curves=tuple(replace(c, kind=BACK if c.kind == BACK else WAY) for c in found.curves))
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

    @property
    def waited_since(self) -> dt.date | None:
        """The first day of the year of which it is told who was waited for."""
        return None if self.study is None else timezone.localdate(self.study.made_at - YEAR)

    def came_since(self, stage: str, day: dt.date | None) -> str:
        """The address of the list of those who came to a stage since then."""
        return self.source.url(Condition("process", "is", (str(self.process),)), Condition(WENT, "is", (Went(Cell(CAME, stage), day).text(),)))  # fmt: skip

    def name(self, key: str) -> str:
        stage = self.shown.by_key.get(key) or self.definition.by_key.get(key)
        return stage.name if stage else key

    @property
    def began(self) -> int:
        return sum(arc.count for arc in self.flow.arcs if not arc.of)

    def says(self) -> str:
        """ "6,412 relationships began in these days, 13 March 2025 to 12 March 2026." Of the design: which version holds."""
        if self.as_designed:
            return self._version_words()
        n = self.began
        words = ngettext("%s relationship began", "%s relationships began", n) % number(n)
        days = self.asked.period.days()
        return f"{words}, {days}." if days else f"{words}."

    def _version_words(self) -> str:
        number_, key = self.asked.chosen.number, self.process
        since = Version.objects.filter(process=key, number=number_).values_list("published_at", flat=True).first()
        words = {"n": number_, "day": day_words(since) if since else ""}
        if since is None:
            return _("The way as version %(n)s says.") % words
        return _("The way as version %(n)s says, in force since %(day)s.") % words

    def shows(self) -> list[tuple[str, str, bool]]:
        """The switch between designed, actual and both."""
        return [(str(words), replace(self.asked, show=key).address(), key == self.asked.show) for key, words in SHOWS.items()]  # fmt: skip

    def times(self) -> list[tuple[str, str, bool]]:
        """The switch between times by the clock and working hours."""
        both = ((False, _("By the clock")), (True, _("Working hours")))
        return [
            (words, replace(self.asked, working=which).address(), which == self.asked.working) for which, words in both
        ]

    def segments(self) -> list[tuple[str, str, bool]]:
        """The ways of segments, where the process parts them."""
        chosen, known = self.asked.segment, self.definition.segments
        every = [("", _("All segments"))] if known else []
        here = chosen.key if chosen else ""
        return [(name, self.asked.of_segment(key).address(), key == here) for key, name in [*every, *((s.key, s.name) for s in known)]]  # fmt: skip

    def notes(self, d: Drawing) -> list[str]:
        """What the drawing leaves out."""
        out = []
        for arc in d.began:
            out.append(_("%(n)s began in %(stage)s.") % {"n": number(arc.count), "stage": self.name(arc.to)})
        if d.left_out:
            out.append(
                ngettext(
                    "%(ways)s rarer way is not drawn (moves: %(n)s).",
                    "%(ways)s rarer ways are not drawn (moves: %(n)s).",
                    d.ways,
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

    @property
    def all_time(self) -> str:
        return replace(self.asked, period=replace(self.asked.period, key=ALL)).address()

    @property
    def unfiltered(self) -> str:
        return replace(self.asked, tree=Group()).address()

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


def _say_way(arc: Arc, _skipped: tuple[str, ...], end: str) -> str:
    """Without a word about what was meant."""
    words = _("%(n)s back to %(stage)s") if arc.kind == BACK else _("%(n)s straight to %(stage)s")
    return words % {"n": number(arc.count), "stage": end}


def fresh_words(at: Any) -> str:
    """ "Counted at 12:40." """
    if at is None:
        return _("Nothing has been counted yet; figures come within a minute.")
    return _("Counted at %s.") % timezone.localtime(at).strftime("%H:%M")
