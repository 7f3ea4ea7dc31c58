"""Completeness kept for each company: how many of the questions about companies are known. Set by set, by a job.

Whatever happens to a company names it, and so does every answer about it, written or taken back.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db import connection, transaction

from kith.kernel.access.actor import system
from kith.kernel.jobs import enqueue
from kith.kernel.jsontext import encode
from kith.kernel.kinds import EMPTY
from kith.kernel.records.registry import registry
from kith.kernel.segments.watching import worked_out
from kith.qualification.checklist.questions import criteria
from kith.qualification.models import Answer, Criterion

OF_COMPANIES = frozenset({"company.created", "company.changed", "company.restored", "company.merged"})
BATCH = 1000
JOB = "qualification.companies"
WRITE = """
    INSERT INTO qualification_companyknown AS k (company_id, known, asked, missing)
    SELECT c.id, g.known, g.asked, g.missing
    FROM unnest(%s::bigint[], %s::int[], %s::int[], %s::jsonb[]) AS g (id, known, asked, missing)
    JOIN contacts_company c ON c.id = g.id ORDER BY c.id
    ON CONFLICT (company_id) DO UPDATE SET known = excluded.known, asked = excluded.asked, missing = excluded.missing
    WHERE (k.known, k.asked, k.missing) IS DISTINCT FROM (excluded.known, excluded.asked, excluded.missing)
    RETURNING company_id
"""


def questions() -> list[Criterion]:
    """What is asked of every company."""
    return [criterion for criterion in criteria() if criterion.on == "company" and not criterion.process]


def follow(companies: Iterable[int]) -> None:
    """Have these looked at after the commit; nothing where companies are asked nothing."""
    ids = sorted(set(companies))
    if ids and questions():
        enqueue(JOB, companies=ids)


def keep(companies: list[int]) -> None:
    """Write what is known of these companies. A query for the answers, and one for each column that answers a question."""
    asked = questions()
    for at in range(0, len(companies), BATCH):
        batch = companies[at : at + BATCH]
        known = _known(batch, asked)
        columns: list[list[Any]] = [[], [], [], []]
        for pk in batch:
            missing = [criterion.key for criterion in asked if criterion.pk not in known[pk]]
            given = (pk, len(asked) - len(missing), len(asked), encode(missing))
            for column, value in zip(columns, given, strict=True):
                column.append(value)
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(WRITE, columns)
                changed = [pk for (pk,) in cursor.fetchall()]
            worked_out("company", changed)


def everybody() -> None:
    """All companies, after questions changed."""
    rows, last = registry["company"].model._default_manager.filter(archived_at=None).order_by("pk"), 0
    while batch := list(rows.filter(pk__gt=last).values_list("pk", flat=True)[:BATCH]):
        keep(batch)
        last = batch[-1]


def _known(companies: list[int], asked: list[Criterion]) -> dict[int, set[int]]:
    """{company: ids of the questions that are known}"""
    found: dict[int, set[int]] = defaultdict(set)
    given = Answer.objects.filter(company__in=companies, replaced_at=None, archived_at=None)
    for criterion, company in given.values_list("criterion_id", "company_id"):
        found[company].add(criterion)
    record = registry["company"]
    for criterion in asked:
        column = record.columns().get(criterion.column)
        if column is not None:
            for row in record.listing(record.rows(system()).filter(pk__in=companies), [column]):
                if column.get(row) not in EMPTY:
                    found[row.pk].add(criterion.pk)
    return found
