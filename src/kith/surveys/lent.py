"""What surveys know of people and companies, lent to those types: how their last answer was, and would they recommend us."""

from __future__ import annotations

from typing import Any

from django.db.models import CharField, OuterRef, SmallIntegerField, Subquery
from django.utils.translation import gettext_lazy as _

from kith.kernel.kinds import Choice, Integer
from kith.kernel.records.columns import Facts
from kith.kernel.records.registry import registry
from kith.surveys.models import Band, Response, ResponseState

FACES = frozenset({"list", "filter"})


def _last(link: str, **more: Any) -> Any:
    rows = Response.objects.filter(**{link: OuterRef("pk")}, state=ResponseState.ANSWERED, archived_at__isnull=True)
    return rows.filter(**more).order_by("-answered_at")


def lend() -> None:
    for record in ("person", "company"):
        band = Subquery(_last(f"{record}_id").values("band")[:1], output_field=CharField())
        score = Subquery(
            _last(f"{record}_id", survey__kind="nps").values("score")[:1], output_field=SmallIntegerField()
        )
        labels = {value: label for value, label in Band.choices if value}
        registry.lend(
            record, "survey_band", Facts(kind=Choice(labels), label=_("Last survey answer"), faces=FACES, expr=band)
        )
        registry.lend(record, "nps_score", Facts(kind=Integer(0, 10), label=_("Would recommend us"), faces=FACES, expr=score))  # fmt: skip
