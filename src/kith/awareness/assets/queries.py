"""Which assets fit somebody best, by what came of them before; and how an asset did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Count, DecimalField, F, Func, IntegerField, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Cast, Coalesce, Round
from django.db.models.lookups import GreaterThan, GreaterThanOrEqual

from kith.awareness.models import Asset, AssetUse
from kith.kernel.access.actor import Actor
from kith.kernel.lookups.compile import compile_tree
from kith.kernel.lookups.tree import parse
from kith.kernel.records.registry import registry

NUMBER = DecimalField(max_digits=20, decimal_places=6)
PRIOR, PRIOR_GOOD = 5, 1  # what an asset without a record of its own is believed to be: one answer in five uses


@dataclass(frozen=True)
class Offer:
    """An asset that fits, with what came of it: given so often, opened, answered, and customers among those it was given to."""

    asset: Asset
    given: int
    opened: int
    answered: int
    won: int
    lift: Any = None  # how many times as often as the others it was answered, where enough happened


def counted(**which: Any) -> Any:
    """A count over the uses of an asset, as a column."""
    uses = AssetUse.objects.filter(asset=OuterRef("pk"), person__isnull=False, **which).order_by().values("asset")
    return Coalesce(Subquery(uses.annotate(n=Count("pk")).values("n")), 0, output_field=IntegerField())


def _of_all(**which: Any) -> Any:
    """The same over the uses of all assets."""
    uses = AssetUse.objects.filter(person__isnull=False, **which).order_by()
    return Subquery(uses.annotate(n=Func("pk", function="COUNT")).values("n"), output_field=IntegerField())


GIVEN, OPENED = counted(), counted(opened_at__isnull=False)
REPLIED = counted(answered_at__isnull=False)
OTHERS_GIVEN, OTHERS_REPLIED = _of_all() - GIVEN, _of_all(answered_at__isnull=False) - REPLIED
ENOUGH = 20  # times that it and the others must have been given, before their answers are compared
# How many times as often as the other assets it was answered; None where too little happened to say so.
LIFT = Case(
    When(
        Q(GreaterThanOrEqual(GIVEN, ENOUGH)) & Q(GreaterThanOrEqual(OTHERS_GIVEN, ENOUGH)) & Q(GreaterThan(OTHERS_REPLIED, 0)),
        then=Round(
            Cast(REPLIED, NUMBER) / Cast(GIVEN, NUMBER) * Cast(OTHERS_GIVEN, NUMBER) / Cast(OTHERS_REPLIED, NUMBER), precision=2
        ),
    ),
    default=None, output_field=NUMBER,
)  # fmt: skip


def best_for(actor: Actor, *, persona: str = "", stage: str = "", language: str = "", person: int | None = None,
             segments: Sequence[str] = (), limit: int = 3) -> list[Offer]:  # fmt: skip
    """The assets that fit this persona, stage and segments best: those made for most of these first, then by the share of answers, believed
    only as far as there were uses. Assets in another language, or given to this person before, are left out."""
    rows = registry["asset"].rows(actor, archived=False)
    rows = rows.filter(Q(personas=[]) | Q(personas__contains=[persona]) if persona else Q(personas=[]))
    rows = rows.filter(Q(stages=[]) | Q(stages__contains=[stage]) if stage else Q(stages=[]))
    rows = rows.filter(Q(segments=[]) | Q(segments__overlap=list(segments)) if segments else Q(segments=[]))
    if language:
        rows = rows.filter(Q(language="") | Q(language=language))
    if person:
        rows = rows.exclude(pk__in=AssetUse.objects.filter(person_id=person).values("asset_id"))
    personas, stages, of = (
        Case(When(~Q(**{key: []}), then=Value(1)), default=Value(0)) for key in ("personas", "stages", "segments")
    )
    meant = personas + stages + of
    rows = rows.annotate(meant=meant, n_given=GIVEN, n_opened=OPENED, n_answered=REPLIED, n_lift=LIFT)
    good = (F("n_answered") + Value(float(PRIOR_GOOD))) / (F("n_given") + Value(float(PRIOR)))
    found = list(rows.annotate(good=good).order_by("-meant", "-good", "-updated_at", "pk")[:limit])
    won = won_by([a.pk for a in found], actor)
    return [Offer(a, a.n_given, a.n_opened, a.n_answered, won.get(a.pk, 0), a.n_lift) for a in found]


def won_by(assets: list[int], actor: Actor) -> dict[int, int]:
    """{asset: customers among those it was given to}, as far as the actor sees people; by whatever says who is a customer."""
    people = registry["person"]
    if not assets or "standing" not in people.columns(actor):
        return {}
    customers = compile_tree(people, parse("standing.is:won"), actor).apply(people.rows(actor))
    uses = AssetUse.objects.filter(asset__in=assets, person__in=customers.values("pk")).order_by()
    return dict(uses.values_list("asset").annotate(n=Count("person", distinct=True)))


def used_last(actor: Actor, asset: Asset, limit: int = 8) -> list[AssetUse]:
    """Where it was used last; people and campaigns out of the reader's reach are left out."""
    people, campaigns = registry["person"].rows(actor), registry["campaign"].rows(actor)
    uses = AssetUse.objects.filter(Q(person__in=people) | Q(person__isnull=True, campaign__in=campaigns), asset=asset)
    return list(uses.select_related("person", "campaign").order_by("-at", "-pk")[:limit])
