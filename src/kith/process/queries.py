"""What other rooms ask of the process, actor first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum

from kith.kernel.access.actor import Actor
from kith.kernel.records.registry import registry
from kith.process.definition.shape import Definition, Stage
from kith.process.models import UNANSWERED, Handover, InCare
from kith.process.versions import in_use


def running(actor: Actor) -> QuerySet[Any]:
    """The journeys on their way that the actor may see."""
    return registry["journey"].rows(actor, archived=False).filter(closed_at__isnull=True)


def silent(actor: Actor, now: dt.datetime) -> QuerySet[Any]:
    """Relationships silent for longer than their stage allows, but for new ones whose clock runs."""
    quiet, begins = running(actor).filter(silent_at__lt=now), _beginning()
    return quiet.exclude(begins, due_at__isnull=False) if begins else quiet


def _beginning() -> Q:
    """Standing in the stage where journeys of a process begin, if that has a clock; empty where none has."""
    out = Q()
    for process, stage in beginnings():
        out |= Q(process_id=process, stage=stage)
    return out


def beginnings() -> list[tuple[int, str]]:
    """(process, stage) where new customers stand while a clock runs: the first stages, as far as they have one, of the
    standard process and of those that are for some customers."""
    begins = [
        (pk, one.definition.first)
        for pk, one in sorted(in_use().items())
        if one.process.is_default or one.definition.whom
    ]
    return [(pk, first.key) for pk, first in begins if first.within or first.within_for]


def giving() -> dict[str, Stage]:
    """{stage: the stage after it} of every process in use, where one hands over to get there."""
    steps = [pair for one in in_use().values() for pair in pairwise(one.definition.stages)]
    return {before.key: after for before, after in steps if after.handover}


def stages_cared(usual: Definition, counts: Mapping[str, int]) -> list[Stage]:
    """The stages of the standard process, then those of others in which somebody stands. `counts`: by stage."""
    others = {s.key: s for one in in_use().values() for s in one.definition.stages if s.key not in usual.by_key}
    return [*usual.stages, *(s for key, s in others.items() if counts.get(key))]


def in_care(actor: Actor, owners: tuple[int, ...]) -> dict[str, int]:
    """{stage: how many relationships on their way these colleagues look after}, from kept sums where the actor may see
    all that these own; counted else. One query."""
    if registry["journey"].scope.reaches(actor, "journey", "see", owners):
        kept = InCare.objects.filter(owner_id__in=owners).values_list("stage").annotate(all=Sum("n"))
        return {stage: n for stage, n in kept.order_by("stage") if n}
    rows = running(actor).filter(owner_id__in=owners)
    return dict(rows.values_list("stage").annotate(n=Count("pk")).order_by("stage"))


def with_clock(actor: Actor) -> QuerySet[Any] | None:
    """New relationships whose clock runs: those in a stage where journeys begin; None while no process is in use or none
    begins with a service level."""
    begins = _beginning()
    return running(actor).filter(begins, due_at__isnull=False) if begins else None


def over_time(actor: Actor, now: dt.datetime) -> QuerySet[Any]:
    """Relationships whose clock ran out, or warns, in any step but where they begin: new ones are `with_clock`."""
    rows, begins = running(actor).filter(due_at__isnull=False), _beginning()
    rows = rows.filter(Q(due_at__lt=now) | Q(warn_at__lt=now))
    return rows.exclude(begins) if begins else rows


def handovers_waiting(actor: Actor, owners: tuple[int, ...]) -> QuerySet[Handover]:
    """The hand-overs that wait for an answer of these colleagues, or of anybody in the reader's teams, the oldest first; those
    who manage have what was asked of a team that nobody made."""
    mine = Q(receiver_id__in=owners) | Q(receiver__isnull=True, team__in=actor.team_ids)
    if actor.role == "manager":
        mine |= Q(receiver__isnull=True, team__isnull=True)
    waiting = Handover.objects.filter(mine, UNANSWERED)
    seen = registry["journey"].rows(actor).values("pk")
    rows = waiting.filter(journey__in=seen) if registry["journey"].scope.q(actor, "journey", "see") != Q() else waiting
    return rows.order_by("offered_at", "pk")


def handovers_asked_back(actor: Actor, owners: tuple[int, ...]) -> QuerySet[Handover]:
    """Offers of these colleagues that came back with what is missing, and were not made again: those of relationships that
    have stood where they stood since."""
    later = Handover.objects.filter(journey=OuterRef("journey"), pk__gt=OuterRef("pk"))
    rows = Handover.objects.filter(
        ~Exists(later), returned_at__isnull=False, giver_id__in=owners, journey__in=running(actor).values("pk"),
        journey__entered_at__lte=F("offered_at"),
    )  # fmt: skip
    return rows.order_by("returned_at", "pk")
