"""Completeness kept on the row of each lead: how many questions are known, and which are not. Set by set.

A question is known by an answer on the person or their company, or by the column that answers it.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.db import connection
from django.db.models import Q

from kith.kernel.access.actor import system
from kith.kernel.jsontext import encode
from kith.kernel.kinds import EMPTY
from kith.kernel.records.registry import registry
from kith.kernel.segments.watching import worked_out
from kith.qualification.checklist.questions import asked_of, criteria
from kith.qualification.models import Answer, Criterion

WRITE = """
    INSERT INTO qualification_lead (person_id, fit, engagement, total, band, lines, fades, scored_at, known, asked, missing, state, reasons)
    SELECT p.id, 0, 0, 0, '', '[]', false, now(), g.known, g.asked, g.missing, '', '[]'
    FROM unnest(%s::bigint[], %s::int[], %s::int[], %s::jsonb[]) AS g (id, known, asked, missing)
    JOIN contacts_person p ON p.id = g.id
    ORDER BY p.id
    ON CONFLICT (person_id) DO UPDATE SET known = excluded.known, asked = excluded.asked, missing = excluded.missing
    WHERE (qualification_lead.known, qualification_lead.asked, qualification_lead.missing)
        IS DISTINCT FROM (excluded.known, excluded.asked, excluded.missing)
    RETURNING person_id
"""


def keep(people: list[int]) -> None:
    """Write what is known of these people. Nothing where there are no questions."""
    if not criteria() or not people:
        return
    answered = _answered(people)
    columns: list[list[Any]] = [[], [], [], []]
    for pk, asked in sorted(asked_of(people).items()):
        missing = [c.key for c in asked if c.pk not in answered[pk]]
        for column, value in zip(columns, (pk, len(asked) - len(missing), len(asked), encode(missing)), strict=True):
            column.append(value)
    with connection.cursor() as cursor:
        cursor.execute(WRITE, columns)
        changed = [pk for (pk,) in cursor.fetchall()]
    worked_out("person", changed)


def _answered(people: list[int]) -> dict[int, set[int]]:
    """{person: ids of the questions that are known}"""
    found: dict[int, set[int]] = defaultdict(set)
    rows = registry["person"].model._default_manager.filter(pk__in=people)
    staff: dict[int, list[int]] = defaultdict(list)
    for pk, company in rows.filter(company__isnull=False).values_list("pk", "company_id"):
        staff[company].append(pk)
    given = Answer.objects.filter(Q(person__in=people) | Q(company__in=list(staff)), replaced_at=None, archived_at=None)
    for criterion, person, company in given.values_list("criterion_id", "person_id", "company_id"):
        for pk in [person] if person else staff[company]:
            found[pk].add(criterion)
    for criterion in criteria():
        if criterion.column:
            for pk in _known_by_column(criterion, people, staff):
                found[pk].add(criterion.pk)
    return found


def _known_by_column(criterion: Criterion, people: list[int], staff: dict[int, list[int]]) -> list[int]:
    """Whose column says it already. Read as lists read, one query."""
    record = registry[criterion.on]
    column = record.columns().get(criterion.column)
    if column is None:
        return []
    ids = people if criterion.on == "person" else list(staff)
    rows = record.listing(record.rows(system()).filter(pk__in=ids), [column])
    known = [row.pk for row in rows if column.get(row) not in EMPTY]
    return known if criterion.on == "person" else [pk for company in known for pk in staff[company]]
