"""The gate of a stage: what must be true to leave it. One rule, which every face and every automatic move meets.

Whoever goes past a stage whose gate is strict meets that gate as well, so that no way leads around it.

Needs are looked at set by set, so that one journey and ten thousand cost the same number of queries: one for each need
and kind of customer.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Max
from django.utils.translation import gettext as _

from kith.kernel.access.actor import system
from kith.kernel.timeline.models import EventLink
from kith.process.definition.checks import need_fault
from kith.process.definition.shape import STRICT, Definition, Need, Rule, Stage
from kith.process.editor.words import say_rule
from kith.process.journeys.entering import meeting
from kith.process.models import Handover, Journey, Tick

Ref = tuple[str, int]


@dataclass(frozen=True)
class Asked:
    """One need of a gate, and whether it is met; `at` says since when, where that is known. `fault`: why nobody can meet it,
    such as a column that was removed after publishing."""

    need: Need
    met: bool
    at: dt.datetime | None = None
    fault: str = ""

    @property
    def says(self) -> str:
        """What is asked for, to stand among others; where nobody can meet it, why."""
        return self.fault.rstrip(".") or self.need.says


@dataclass(frozen=True)
class Gate:
    """What stands between a journey and a stage. `skipped`: stages that would be left out; `passed`: those of them whose
    gate is strict, with what it asks for; `instead`: the ways that are named forward, where this is none of them."""

    stage: Stage
    asked: tuple[Asked, ...]
    skipped: tuple[Stage, ...] = ()
    passed: tuple[tuple[Stage, tuple[Asked, ...]], ...] = ()
    instead: tuple[Stage, ...] = ()

    @property
    def missing(self) -> tuple[Need, ...]:
        return tuple(a.need for a in self.asked if not a.met)

    @property
    def lacks(self) -> tuple[str, ...]:
        """What is missing, in words."""
        return tuple(a.says for a in self.asked if not a.met)

    @property
    def holding(self) -> tuple[str, ...]:
        """What keeps it from being brought there by itself, in words: strict gates, the rule of who may enter, and a
        hand-over that nobody accepted."""
        shut = tuple(one.lacks(self.stage) for one in self.barred)
        return shut or tuple(a.says for a in self.asked if a.need.by in ("entry", "handover") and not a.met)

    @property
    def barred(self) -> tuple[Barred, ...]:
        """Strict gates that let nothing through as it is: where it stands, then those on the way."""
        return barred(self.stage, self.lacks, self.instead, (
            (stage, tuple(a.says for a in asked if not a.met)) for stage, asked in self.passed
        ))  # fmt: skip

    @property
    def open(self) -> bool:
        return not self.missing

    @property
    def strict(self) -> bool:
        return self.stage.gate == STRICT


@dataclass(frozen=True)
class Barred:
    """A strict gate that is closed: what it misses, and the ways it leaves open where another was wanted."""

    stage: Stage
    missing: tuple[str, ...]
    instead: tuple[Stage, ...] = ()

    def lacks(self, here: Stage) -> str:
        """What it asks for, with its name where it is further on: "Qualify: Fit was judged"."""
        words = [*self.missing, *([ways_words(self.stage, self.instead)] if self.instead else [])]
        return ("" if self.stage is here else f"{self.stage.name}: ") + ", ".join(words)

    def says(self) -> str:
        """ "Missing: Fit was judged." in words that stand alone."""
        said = [_("Missing: %s.") % ", ".join(self.missing)] if self.missing else []
        return " ".join([*said, *([ways_words(self.stage, self.instead)] if self.instead else [])])


def barred(
    here: Stage, missing: tuple[str, ...], instead: tuple[Stage, ...], passed: Iterable[tuple[Stage, tuple[str, ...]]]
) -> tuple[Barred, ...]:
    """What of this a strict gate refuses."""
    first = [Barred(here, missing, instead)] if here.gate == STRICT and (missing or instead) else []
    return (*first, *(Barred(stage, lacks) for stage, lacks in passed if lacks))


def ways_words(here: Stage, ways: Sequence[Stage]) -> str:
    return _("From %(stage)s the ways on are: %(ways)s.") % {
        "stage": here.name,
        "ways": ", ".join(s.name for s in ways),
    }


def instead_of(definition: Definition, here: str, to: str, segment: str) -> tuple[Stage, ...]:
    """The ways forward that are named, where this is none of them."""
    ways = definition.named_ways(here, segment)
    return () if to in {s.key for s in ways} else ways


def strict_of(definition: Definition, skipped: Iterable[str]) -> list[Stage]:
    """Those of these stages that nobody goes past as long as their gate is closed."""
    return [definition.by_key[key] for key in skipped if definition.by_key[key].gate == STRICT]


def ref_of(journey: Journey) -> Ref:
    return ("company", journey.company_id) if journey.company_id else ("person", journey.person_id or 0)


def asked_of(stage: Stage, journeys: Sequence[Journey]) -> dict[int, tuple[Asked, ...]]:
    """{journey id: what the gate of this stage asks of it}, whether it stands there or would go past it."""
    out: dict[int, list[Asked]] = {j.pk: [] for j in journeys}
    for need in stage.needs:
        met = _met(stage, need, journeys)
        fault = need_fault(stage, need) if len(met) < len(journeys) else ""
        for j in journeys:
            out[j.pk].append(Asked(need, j.pk in met, met.get(j.pk), "" if j.pk in met else fault))
    return {pk: tuple(asked) for pk, asked in out.items()}


def gate_of(journey: Journey, definition: Definition, to: Stage | None = None) -> Gate:
    """The gate of the stage where a journey stands; with `to`, also the entry rule of that stage and what it would skip."""
    stage = definition.by_key[journey.stage]
    asked = asked_of(stage, [journey])[journey.pk]
    if to is None:
        return Gate(stage, asked)
    entry = (*_entry(to, [journey]).get(journey.pk, ()), *_handed_over(to, [journey]).get(journey.pk, ()))
    left_out = definition.skipped(stage.key, to.key, journey.segment)
    return Gate(
        stage, (*asked, *entry), tuple(definition.by_key[k] for k in left_out),
        tuple((s, asked_of(s, [journey])[journey.pk]) for s in strict_of(definition, left_out)),
        instead_of(definition, stage.key, to.key, journey.segment),
    )  # fmt: skip


def held_back(stage: Stage, journeys: Sequence[Journey]) -> set[int]:
    """Journeys that do not meet the entry rule of this stage."""
    return {pk for pk, asked in _entry(stage, journeys).items() if not asked[0].met}


def turned_away(stage: Stage, journeys: Sequence[Journey]) -> dict[int, tuple[str, ...]]:
    """{journey id: why this stage does not take it yet, in words}: its entry rule, a hand-over that nobody accepted."""
    out: dict[int, tuple[str, ...]] = {}
    for asked in (_entry(stage, journeys), _handed_over(stage, journeys)):
        for pk, (one,) in asked.items():
            if not one.met:
                out[pk] = (*out.get(pk, ()), one.says)
    return out


def _entry(stage: Stage, journeys: Sequence[Journey]) -> dict[int, tuple[Asked]]:
    if stage.entry is None or not journeys:
        return {}
    words = _("entry rule of %(stage)s (%(rule)s)") % {"stage": stage.name, "rule": say_rule(stage.entry, system())}
    need = Need(f"entry-{stage.key}", words, "entry", stage.entry.of, rule=stage.entry)
    met = _met(stage, need, journeys)
    fault = need_fault(stage, need) if len(met) < len(journeys) else ""
    return {j.pk: (Asked(need, j.pk in met, fault="" if j.pk in met else fault),) for j in journeys}


def _handed_over(to: Stage, journeys: Sequence[Journey]) -> dict[int, tuple[Asked]]:
    """A stage of another team asks for a hand-over that somebody accepted."""
    if not to.handover or not journeys:
        return {}
    need, met = not_accepted(), taken_over(to, journeys)
    return {j.pk: (Asked(need, j.pk in met, met.get(j.pk)),) for j in journeys}


def not_accepted() -> Need:
    return Need("handover", _("The handover is accepted"), "handover")


def taken_over(to: Stage, journeys: Sequence[Journey]) -> dict[int, dt.datetime]:
    """{journey id: when} of those whom somebody took over for this stage since they entered theirs."""
    rows = Handover.objects.filter(journey__in=[j.pk for j in journeys], accepted_at__isnull=False, stage=to.key)
    since = {j.pk: j.entered_at for j in journeys}
    found = rows.order_by("accepted_at").values_list("journey_id", "accepted_at")
    return {pk: at for pk, at in found if at is not None and at >= since[pk]}


def _met(stage: Stage, need: Need, journeys: Sequence[Journey]) -> dict[int, dt.datetime | None]:
    """{journey id: since when} of those that meet this need."""
    if need.by == "hand":
        ticks = Tick.objects.filter(journey__in=[j.pk for j in journeys], stage=stage.key, need=need.key)
        return dict(ticks.values_list("journey_id", "at"))
    if need.by == "event":
        return _told(need.event, journeys)
    rule = need.rule or Rule(need.of, f"{need.column}.filled")
    met = set(meeting(rule, [ref_of(j) for j in journeys]))
    return {j.pk: None for j in journeys if ref_of(j) in met}


def _told(verb: str, journeys: Sequence[Journey]) -> dict[int, dt.datetime | None]:
    """Journeys about whose customer this happened since they entered their stage."""
    if not journeys:
        return {}
    since = min(j.entered_at for j in journeys)
    out: dict[int, dt.datetime | None] = {}
    for bearer in ("company", "person"):
        mine = {pk: j for j in journeys for name, pk in [ref_of(j)] if name == bearer}
        links = EventLink.objects.filter(record=bearer, record_id__in=list(mine), at__gte=since, event__verb=verb)
        for pk, at in links.values_list("record_id").annotate(last=Max("at")) if mine else ():
            if at >= mine[pk].entered_at:
                out[mine[pk].pk] = at
    return out
