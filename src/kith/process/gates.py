"""The gate of a stage: what must be true to leave it. One rule, which every face and every automatic move meets.

Needs are looked at set by set, so that one journey and ten thousand cost the same number of queries: one for each need
and kind of customer.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Max
from django.utils.translation import gettext as _

from kith.kernel.timeline.models import EventLink
from kith.process.definition.shape import STRICT, Definition, Need, Rule, Stage
from kith.process.journeys.entering import meeting
from kith.process.models import Handover, Journey, Tick

Ref = tuple[str, int]


@dataclass(frozen=True)
class Asked:
    """One need of a gate, and whether it is met; `at` says since when, where that is known."""

    need: Need
    met: bool
    at: dt.datetime | None = None


@dataclass(frozen=True)
class Gate:
    """What stands between a journey and a stage. `skipped`: stages that would be left out."""

    stage: Stage
    asked: tuple[Asked, ...]
    skipped: tuple[Stage, ...] = ()

    @property
    def missing(self) -> tuple[Need, ...]:
        return tuple(a.need for a in self.asked if not a.met)

    @property
    def open(self) -> bool:
        return not self.missing

    @property
    def strict(self) -> bool:
        return self.stage.gate == STRICT


def ref_of(journey: Journey) -> Ref:
    return ("company", journey.company_id) if journey.company_id else ("person", journey.person_id or 0)


def asked_of(stage: Stage, journeys: Sequence[Journey]) -> dict[int, tuple[Asked, ...]]:
    """{journey id: what the gate of this stage asks of it}; the journeys stand in this stage."""
    out: dict[int, list[Asked]] = {j.pk: [] for j in journeys}
    for need in stage.needs:
        met = _met(stage, need, journeys)
        for j in journeys:
            out[j.pk].append(Asked(need, j.pk in met, met.get(j.pk)))
    return {pk: tuple(asked) for pk, asked in out.items()}


def gate_of(journey: Journey, definition: Definition, to: Stage | None = None) -> Gate:
    """The gate of the stage where a journey stands; with `to`, also the entry rule of that stage and what it would skip."""
    stage = definition.by_key[journey.stage]
    asked = asked_of(stage, [journey])[journey.pk]
    if to is None:
        return Gate(stage, asked)
    entry = (*_entry(to, [journey]).get(journey.pk, ()), *_handed_over(to, journey))
    skipped = tuple(definition.by_key[k] for k in definition.skipped(stage.key, to.key, journey.segment))
    return Gate(stage, (*asked, *entry), skipped)


def held_back(stage: Stage, journeys: Sequence[Journey]) -> set[int]:
    """Journeys that do not meet the entry rule of this stage."""
    return {pk for pk, asked in _entry(stage, journeys).items() if not asked[0].met}


def _entry(stage: Stage, journeys: Sequence[Journey]) -> dict[int, tuple[Asked, ...]]:
    if stage.entry is None:
        return {}
    need = Need(f"entry-{stage.key}", stage.name, "rule", stage.entry.of, rule=stage.entry)
    met = _met(stage, need, journeys)
    return {j.pk: (Asked(need, j.pk in met),) for j in journeys}


def _handed_over(to: Stage, journey: Journey) -> tuple[Asked, ...]:
    """A stage of another team asks for a hand-over that somebody accepted."""
    if not to.handover:
        return ()
    rows = Handover.objects.filter(journey=journey, accepted_at__gte=journey.entered_at, stage=to.key)
    at = rows.values_list("accepted_at", flat=True).first()
    return (Asked(Need("handover", _("The handover is accepted"), "handover"), at is not None, at),)


def _met(stage: Stage, need: Need, journeys: Sequence[Journey]) -> dict[int, dt.datetime | None]:
    """{journey id: since when} of those that meet this need."""
    if need.by == "hand":
        ticks = Tick.objects.filter(journey__in=[j.pk for j in journeys], stage=stage.key, need=need.key)
        return dict(ticks.values_list("journey_id", "at"))
    if need.by == "event":
        return _told(need.event, journeys)
    rule = need.rule if need.by == "rule" else Rule(need.of, f"{need.column}.filled")
    assert rule is not None
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
