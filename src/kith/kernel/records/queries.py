"""Reading records: ids after merges, external ids, capped counts."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from kith.kernel.records.models import ExternalId, Moved


def resolve(record: str, pk: int) -> int | None:
    """The id that an id merged away now means, following chains; None when it was never merged."""
    seen: set[int] = set()
    found: int | None = None
    while pk not in seen:
        seen.add(pk)
        row = Moved.objects.filter(record=record, old_id=pk).values_list("new_id", flat=True).first()
        if row is None:
            return found
        found = pk = row
    return found


def by_external_ids(record: str, source: str, values: list[str]) -> dict[str, int]:
    """{external id: row id} for those known."""
    rows = ExternalId.objects.filter(record=record, source=source, value__in=values)
    return dict(rows.values_list("value", "record_id"))


def capped_count(rows: QuerySet[Any], cap: int = 1000) -> tuple[int, bool]:
    """(count, exact): counts at most `cap` + 1 rows; `exact` is False when there are more than `cap`."""
    n = rows.order_by()[: cap + 1].count()
    return min(n, cap), n <= cap


def merged_into(record: str, pk: int) -> list[int]:
    """Ids that were merged into this one, however many times over."""
    found: list[int] = []
    front = [pk]
    while front:
        front = [
            i
            for i in Moved.objects.filter(record=record, new_id__in=front).values_list("old_id", flat=True)
            if i not in found
        ]
        found += front
    return found
