"""Chances of leaving, from the document in force: additions and one curve, no library, nothing that runs when it is read."""

from __future__ import annotations

from typing import Any

from django.db import connection

from kith.kernel.jsontext import encode
from kith.kernel.learning.columns import Source, plain
from kith.kernel.learning.documents import judge
from kith.kernel.organisation.models import cached
from kith.kernel.records.registry import registry
from kith.retention.churn.features import features_of, sources
from kith.retention.customers import Batch, Key
from kith.retention.models import Care, ChurnModel

WRITE = """
    UPDATE retention_care c SET chance = g.chance, reasons = g.reasons
    FROM unnest(%s::bigint[], %s::float[], %s::jsonb[]) AS g (id, chance, reasons)
    WHERE c.id = g.id AND (c.chance, c.reasons) IS DISTINCT FROM (g.chance, g.reasons)
"""


def document() -> dict[str, Any] | None:
    """The document in force, read once per stamp; None while nothing is predicted."""
    found: list[Any] = cached("churn_document", _document)
    return found[0]


def _document() -> list[Any]:
    latest = ChurnModel.objects.order_by("-number").first()
    return [latest.document if latest is not None and not latest.silent else None]


def keep(batch: Batch) -> None:
    """Write the chances of these customers, from their health as it was just kept. Nothing while nothing is predicted."""
    model = document()
    if model is None or not len(batch):
        return
    wanted = {column["key"] for column in model["columns"]}
    read = [s for s in sources() if s.key in wanted]
    rows = list(Care.objects.filter(company__in=list(batch.companies))) + list(
        Care.objects.filter(person__in=list(batch.people))
    )
    now = _columns(batch, read)
    found: list[list[Any]] = [[], [], []]
    for row in sorted(rows, key=lambda one: one.pk):
        key: Key = ("company", row.company_id) if row.company_id else ("person", row.person_id or 0)
        values = features_of(row.parts, batch.since(key), row.worked_out_at.date()) | now.get(key, {})
        chance, reasons = judge(model, values)
        for column, value in zip(found, (row.pk, chance, encode(reasons)), strict=True):
            column.append(value)
    with connection.cursor() as cursor:
        cursor.execute(WRITE, found)


def _columns(batch: Batch, read: list[Source]) -> dict[Key, dict[str, Any]]:
    if not read or not batch.companies:
        return {}
    rows = registry["company"].model._default_manager.filter(pk__in=list(batch.companies)).defer("search", "tsv")
    return {("company", row.pk): {s.key: plain(s, s.column.raw(row)) for s in read} for row in rows}
