"""What surveys tell other rooms: how somebody rated what we did for them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kith.kernel.access.actor import Actor
from kith.kernel.records.registry import registry
from kith.surveys.models import Response, ResponseState


def rated(actor: Actor, record: str, ids: Iterable[int]) -> dict[int, Response]:
    """{id of the row: the last answer about it} of those within reach ("ticket", [7, 8]); one query. `.said` is "5 of 5"."""
    rows = registry["response"].rows(actor, archived=False).filter(record=record, record_id__in=list(ids))
    answered = rows.filter(state=ResponseState.ANSWERED).select_related("survey", "person").order_by("answered_at")
    return {row.record_id: row for row in answered if row.record_id is not None}


def of_row(actor: Actor, record: str, pk: int, most: int = 5) -> list[Any]:
    """Who was asked about a row, the last first."""
    rows = registry["response"].rows(actor, archived=False).filter(record=record, record_id=pk)
    return list(
        rows.exclude(state=ResponseState.UNASKED).select_related("survey", "person").order_by("-updated_at")[:most]
    )
