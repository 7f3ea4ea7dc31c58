"""What a first day needs: one pipeline, and reasons to choose from. Running it again changes nothing."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from kith.deals.models import CommitteeRole, Pipeline, Reason, Status
from kith.kernel.access.actor import Actor
from kith.kernel.errors import KithError
from kith.kernel.records.bulk_create import New, bulk_create
from kith.kernel.records.registry import registry


def install_defaults(by: Actor) -> Pipeline:
    """The pipeline "Sales" with five stages and the trees of reasons, where there is none of either yet."""
    with transaction.atomic():
        pipeline = Pipeline.objects.filter(archived_at=None).order_by("position", "id").first()
        if pipeline is None:
            pipeline = _pipeline(by)
        for outcome, tree in ((Status.LOST, _lost()), (Status.WON, _won())):
            if not Reason.objects.filter(outcome=outcome).exists():
                _reasons(outcome, tree, by)
    return pipeline


def _pipeline(by: Actor) -> Pipeline:
    (pipeline,) = _made("pipeline", [{"name": _("Sales"), "position": 1}], by)
    deciders = [CommitteeRole.DECIDER.value, CommitteeRole.CHAMPION.value]
    stages: tuple[tuple[str, int, int, list[str]], ...] = (
        (_("Discovery"), 20, 14, []),
        (_("Site survey"), 35, 14, [CommitteeRole.CHAMPION.value]),
        (_("Proposal"), 50, 10, deciders),
        (_("Negotiation"), 70, 10, [*deciders, CommitteeRole.BUYER.value]),
        (_("Verbal yes"), 90, 7, [*deciders, CommitteeRole.BUYER.value, CommitteeRole.LEGAL.value]),
    )
    _made("stage", [
        {"pipeline": pipeline, "name": name, "position": position, "probability": Decimal(likely), "stall_days": stall, "roles": roles}
        for position, (name, likely, stall, roles) in enumerate(stages, 1)
    ], by)  # fmt: skip
    return pipeline


def _lost() -> list[tuple[str, list[str]]]:
    return [
        (_("Price"), [_("Budget cut"), _("Cheaper alternative")]),
        (_("Chose a competitor"), [_("Better fit"), _("Existing supplier")]),
        (_("No budget this year"), []),
        (_("Went silent"), []),
        (_("Not a fit"), [_("Advised elsewhere")]),
        (_("Timing"), []),
    ]


def _won() -> list[tuple[str, list[str]]]:
    return [
        (_("The product"), []),
        (_("The price"), []),
        (_("Trust in the people"), []),
        (_("A reference"), []),
        (_("Speed"), []),
    ]


def _reasons(outcome: str, tree: list[tuple[str, list[str]]], by: Actor) -> None:
    branches = _made("reason", [
        {"name": name, "outcome": outcome, "position": position} for position, (name, _twigs) in enumerate(tree, 1)
    ], by)  # fmt: skip
    _made("reason", [
        {"name": twig, "outcome": outcome, "parent": branch, "position": place}
        for branch, (_name, twigs) in zip(branches, tree, strict=True) for place, twig in enumerate(twigs, 1)
    ], by)  # fmt: skip


def _made(name: str, values: list[dict[str, Any]], by: Actor) -> list[Any]:
    """Rows of a type, together: each settings change lets every process read its settings anew."""

    def refused(_index: int, problem: KithError) -> None:
        raise problem

    return bulk_create(registry[name], [New(each) for each in values], by=by, refused=refused)
