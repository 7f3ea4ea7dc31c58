"""Where values were found, as the page of a row and programs show it: "from the phone number, 3 Nov"."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.db.models.functions import JSONObject
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from kith.contacts.enrichment.models import Provenance
from kith.contacts.enrichment.providers import source_words
from kith.kernel.access.actor import Actor
from kith.kernel.kinds import Moment, Text
from kith.kernel.records.parts import Part
from kith.kernel.records.registry import registry
from kith.ui.dates import day


def expression(record: str) -> Any:
    """What was found about a row, beside the row itself: no query of its own."""
    told = JSONObject(column="column", value="value", provider="provider", source="source", at="at")
    return ArraySubquery(Provenance.objects.filter(record=record, record_id=OuterRef("pk")).values(told=told))


def marks(record: Any, row: Any, found: list[dict[str, Any]]) -> dict[str, str]:
    """{column: words} of values that stand as they were found."""
    columns = record.columns()
    return {
        one["column"]: f"{source_words(one['provider'], one['source'])}, {day(parse_datetime(one['at']))}"
        for one in found if (column := columns.get(one["column"])) is not None and _stands(column, row, one["value"])
    }  # fmt: skip


def _stands(column: Any, row: Any, value: Any) -> bool:
    now = column.raw(row)
    if isinstance(now, dict) and isinstance(value, dict) and "id" in value:
        return bool(now.get("id") == value["id"])
    return bool(now == value)


@dataclass(frozen=True)
class Shown:
    column: str
    source: str
    provider: str
    at: Any


def _part(actor: Actor, row: Any) -> Iterable[Shown]:
    record: Any = registry.by_model(type(row))
    columns, seen = record.columns(), record.columns(actor)
    rows = Provenance.objects.filter(record=record.name, record_id=row.pk).order_by("column")
    return [
        Shown(one.column, source_words(one.provider, one.source), one.provider, one.at)
        for one in rows if one.column in seen and _stands(columns[one.column], row, one.value)
    ]  # fmt: skip


FOUND = Part(
    "found", _("Where values were found"),
    {"column": Text(80), "source": Text(200), "provider": Text(40), "at": Moment()}, _part,
)  # fmt: skip
