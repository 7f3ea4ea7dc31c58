"""The parts in use and the tiers, read once per configuration stamp, and what comes with Kith."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from kith.kernel.access.actor import Actor
from kith.kernel.jobs import enqueue
from kith.kernel.organisation.models import cached
from kith.kernel.records import actions
from kith.kernel.records.registry import registry
from kith.retention.models import (
    Band,
    Care,
    ChurnKind,
    ChurnReason,
    HealthMoved,
    HealthPart,
    HealthVersion,
    Source,
    Tier,
)

GOOD, WATCH = 70, 40  # points from which health is good, and to be watched
KEPT = ("name", "source", "weight", "poor", "good", "counter", "verb", "where", "days")


def parts() -> list[HealthPart]:
    """Parts in use, in their order."""
    found: list[HealthPart] = cached(
        "health_parts",
        lambda: list(HealthPart.objects.filter(active=True, archived_at=None).order_by("position", "id")),
        ("health_part",),
    )
    return found


def tiers() -> list[Tier]:
    """Tiers in their order."""
    found: list[Tier] = cached(
        "care_tiers", lambda: list(Tier.objects.filter(archived_at=None).order_by("position", "id")), ("tier",)
    )
    return found


def band_of(points: int | None) -> str:
    if points is None:
        return Band.UNKNOWN
    return Band.GOOD if points >= GOOD else Band.WATCH if points >= WATCH else Band.POOR


def version() -> int:
    """The number of what health is made of now; 0 before anything was."""
    found: list[int] = cached(
        "health_version", lambda: [HealthVersion.objects.aggregate(last=Max("number"))["last"] or 0]
    )
    return found[0]


def settled(pairs: list[tuple[Any, Any]], by: Actor) -> None:
    """After parts or tiers changed: a new version where health is made of something else, and everybody is worked out."""
    if any(isinstance(row, HealthPart) for _old, row in pairs):
        keep_version()
    enqueue("retention.everybody", key="retention.everybody")


@transaction.atomic
def keep_version() -> None:
    now = [
        {"key": p.pk, **{k: getattr(p, k) for k in KEPT}}
        for p in HealthPart.objects.filter(active=True, archived_at=None).order_by("position", "id")
    ]
    last = HealthVersion.objects.order_by("-number").first()
    if last is not None and last.document == now:
        return
    used = last is not None and (
        Care.objects.filter(version=last.number).exists() or HealthMoved.objects.filter(version=last.number).exists()
    )
    if last is not None and not used:  # nobody was worked out by it
        last.document = now
        last.save(update_fields=["document"])
        return
    HealthVersion.objects.create(number=(last.number if last else 0) + 1, document=now)


def bring(by: Actor) -> int:
    """Put the shipped parts, tiers and reasons in, each where there are none; returns how many parts."""
    made = 0
    if not HealthPart.objects.exists():
        for position, values in enumerate(_shipped(), 1):
            actions.create(registry["health_part"], {**values, "position": position * 10}, by=by)
            made += 1
    if not Tier.objects.exists():
        actions.create(registry["tier"], {"name": _("Everybody"), "days": 90, "position": 100}, by=by)
    if not ChurnReason.objects.exists():
        for kind, above, below in _reasons():
            top = actions.create(registry["churn_reason"], {"name": above, "kind": kind}, by=by)
            for name in below:
                actions.create(registry["churn_reason"], {"name": name, "parent": top, "kind": kind}, by=by)
    return made


def _shipped() -> list[dict[str, Any]]:
    return [
        {"name": _("Contact"), "source": Source.CONTACT, "weight": 25, "poor": 2.0, "good": 1.0},
        {"name": _("Tickets"), "source": Source.TICKETS, "weight": 20, "poor": 6, "good": 0, "days": 90},
        {"name": _("Surveys"), "source": Source.SURVEY, "weight": 20, "poor": 30, "good": 80, "days": 365},
        {"name": _("Onboarding"), "source": Source.ONBOARDING, "weight": 15, "poor": 0, "good": 100},
        {"name": _("Use of the product"), "source": Source.USAGE, "weight": 30, "poor": 40, "good": 90, "counter": "sessions"},
        {"name": _("Payment"), "source": Source.PAYMENT, "weight": 15, "poor": 30, "good": 0, "counter": "days_overdue", "days": 45},
    ]  # fmt: skip


def _reasons() -> list[tuple[str, str, list[str]]]:
    return [
        (ChurnKind.UNWANTED, _("They chose to leave"), [
            _("Too expensive"), _("Went to a competitor"), _("Something they need is missing"), _("Never got started"),
            _("Service disappointed"), _("Whoever wanted us is gone")]),
        (ChurnKind.WANTED, _("We parted"), [_("No fit any more"), _("Cost us more than it brought")]),
        (ChurnKind.INVOLUNTARY, _("Nobody wanted it"), [_("Out of business"), _("Bought by another company"), _("Payment failed")]),
    ]  # fmt: skip
