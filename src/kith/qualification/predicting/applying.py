"""Chances of people from the document in force: additions and one curve, no library, nothing that runs when it is read."""

from __future__ import annotations

from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from kith.kernel.jsontext import encode
from kith.kernel.learning.columns import Source, plain
from kith.kernel.learning.documents import judge
from kith.kernel.organisation.models import cached
from kith.kernel.records.registry import registry
from kith.kernel.segments.watching import worked_out
from kith.qualification.models import Lead, Model
from kith.qualification.predicting.ageing import aged, still_open
from kith.qualification.predicting.gathering import captured
from kith.qualification.predicting.sources import sources

WRITE = """
    INSERT INTO qualification_lead (person_id, fit, engagement, total, band, lines, fades, scored_at, known, asked, missing, state,
                                    chance, reasons, predicted_at)
    SELECT p.id, 0, 0, 0, '', '[]', false, %s, 0, 0, '[]', '', g.chance, g.reasons, %s
    FROM unnest(%s::bigint[], %s::float[], %s::jsonb[]) AS g (id, chance, reasons)
    JOIN contacts_person p ON p.id = g.id
    ORDER BY p.id
    ON CONFLICT (person_id) DO UPDATE SET chance = excluded.chance, reasons = excluded.reasons, predicted_at = excluded.predicted_at
    WHERE (qualification_lead.chance, qualification_lead.reasons) IS DISTINCT FROM (excluded.chance, excluded.reasons)
    RETURNING person_id
"""


def document() -> dict[str, Any] | None:
    """The document in force, read once per stamp; None while nothing is predicted."""
    found: list[Any] = cached("prediction_document", _document, ("prediction",))
    return found[0]


def _document() -> list[Any]:
    rows = Model.objects.filter(prediction__active=True, prediction__archived_at=None)
    latest = rows.order_by("-prediction", "-number").first()
    return [latest.document if latest is not None and not latest.silent else None]


def learned_from() -> int:
    """How many decided leads the chances rest on; 0 while nothing is predicted."""
    return int((document() or {}).get("leads", 0))


def keep(people: list[int]) -> None:
    """Write the chances of these people. Nothing is written while nothing is predicted."""
    model = document()
    if model is None or not people:
        return
    wanted = {column["key"] for column in model["columns"]}
    read = [s for s in sources() if s.key in wanted]
    rows = list(
        registry["person"].model._default_manager.filter(pk__in=people).select_related("company").order_by("pk")
    )
    found: list[list[Any]] = [[], [], []]
    now, waiting = timezone.now(), _waiting(model, rows)
    for row in rows:
        chance, reasons = judge(model, _values(row, read))
        if row.pk in waiting:
            chance, reasons = aged(model, chance, reasons, waiting[row.pk])
        for column, value in zip(found, (row.pk, chance, encode(reasons)), strict=True):
            column.append(value)
    with connection.cursor() as cursor:
        cursor.execute(WRITE, [now, now, *found])
        changed = [pk for (pk,) in cursor.fetchall()]
    worked_out("person", changed)


def _waiting(model: dict[str, Any], rows: list[Any]) -> dict[int, int]:
    """{person: for how many days nothing is decided}, where that says anything."""
    if not model.get("ageing"):
        return {}
    came = captured([row.pk for row in rows])
    return still_open(model, {row.pk: came.get(row.pk, row.created_at) for row in rows}, timezone.now())


def _values(row: Any, read: list[Source]) -> dict[str, Any]:
    holders = {"person": row, "company": row.company}
    return {s.key: plain(s, s.column.raw(holder)) for s in read if (holder := holders[s.record]) is not None}


@transaction.atomic
def forget() -> int:
    """Take chances away where nothing is predicted any more; returns of how many people."""
    known = Lead.objects.filter(chance__isnull=False)
    worked_out("person", known.values_list("person_id", flat=True))
    return known.update(chance=None, reasons=[], predicted_at=None)
