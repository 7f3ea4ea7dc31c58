"""What other rooms ask of the process, actor first."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from kith.kernel.access.actor import Actor
from kith.kernel.records.registry import registry
from kith.process.definition.shape import Stage
from kith.process.models import Handover
from kith.process.versions import standard


def running(actor: Actor) -> QuerySet[Any]:
    """The journeys on their way that the actor may see."""
    return registry["journey"].rows(actor, archived=False).filter(closed_at__isnull=True)


def silent(actor: Actor) -> QuerySet[Any]:
    """Relationships silent for longer than their stage allows, but for new ones whose clock runs."""
    quiet, found = running(actor).filter(silent_at__lt=timezone.now()), standard()
    if found is None or not has_clock(found.definition.first):
        return quiet
    return quiet.exclude(process_id=found.process.pk, stage=found.definition.first.key, due_at__isnull=False)


def has_clock(stage: Stage) -> bool:
    return bool(stage.within or stage.within_for)


def silent_in_care(actor: Actor, owners: tuple[int, ...]) -> dict[str, tuple[int, int]]:
    """{stage: (relationships on their way that these colleagues look after, those of them silent for longer than it
    allows)}; one query by the same index."""
    rows = running(actor).filter(owner_id__in=owners).values("stage").order_by("stage")
    counted = rows.annotate(n=Count("pk"), quiet=Count("pk", filter=Q(silent_at__lt=timezone.now())))
    return {row["stage"]: (row["n"], row["quiet"]) for row in counted}


def in_care(actor: Actor, owners: tuple[int, ...]) -> dict[str, int]:
    """{stage: how many relationships on their way these colleagues look after}; one query by an index of their own."""
    rows = running(actor).filter(owner_id__in=owners)
    return dict(rows.values_list("stage").annotate(n=Count("pk")).order_by("stage"))


def with_clock(actor: Actor) -> QuerySet[Any] | None:
    """New relationships whose clock runs: those in the stage where journeys begin; None while no process is in use or its
    first stage has no service level."""
    found = standard()
    if found is None or not has_clock(found.definition.first):
        return None
    return running(actor).filter(process_id=found.process.pk, stage=found.definition.first.key, due_at__isnull=False)


def handovers_waiting(actor: Actor, owners: tuple[int, ...], most: int) -> list[Any]:
    """The hand-overs that wait for an answer of these colleagues, the oldest first, with journey and giver."""
    waiting = Handover.objects.filter(accepted_at__isnull=True, returned_at__isnull=True, receiver_id__in=owners)
    seen = registry["journey"].rows(actor).values("pk")
    rows = waiting.filter(journey__in=seen) if registry["journey"].scope.q(actor, "journey", "see") != Q() else waiting
    return list(rows.select_related("journey", "giver").order_by("offered_at", "pk")[:most])
