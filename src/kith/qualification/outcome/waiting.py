"""Which leads wait for a verdict, and with whom: kept in the transaction of whatever changes it, so that it is never late.

A lead waits from the moment it was given to somebody until a verdict or a deal; who came back waits again. Decisions and
verdicts tell by `settle`, people and deals by what happens to them; each time the rows in question are made anew.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import connection

from kith.kernel.access.actor import Actor
from kith.kernel.records.registry import registry
from kith.qualification.models import Waiting

OF_PEOPLE = frozenset({"person.changed", "person.archived", "person.restored", "person.merged"})
OF_DEALS = frozenset({"deal.created", "deal.changed", "deal.archived", "deal.restored"})
# The moment an escalated lead was told of is when it should have been answered: its clock has run out.
KEEP = """
    WITH waits AS (
        SELECT p.id, p.owner_id, d.created_at, d.due_at
        FROM contacts_person p
        JOIN LATERAL (
            SELECT created_at, CASE WHEN kind = 'escalated' THEN created_at WHEN stopped_at IS NULL THEN due_at END AS due_at
            FROM qualification_decision
            WHERE person_id = p.id AND archived_at IS NULL AND user_id IS NOT NULL ORDER BY id DESC LIMIT 1) d ON true
        LEFT JOIN qualification_lead l ON l.person_id = p.id
        WHERE p.id = ANY(%(people)s) AND p.archived_at IS NULL AND p.owner_id IS NOT NULL
          AND coalesce(l.state, '') IN ('', 'back')
          AND NOT EXISTS (SELECT FROM {deals} WHERE contact_id = p.id AND archived_at IS NULL)
    ), over AS (
        DELETE FROM qualification_waiting w
        WHERE w.person_id = ANY(%(people)s) AND NOT EXISTS (SELECT FROM waits WHERE waits.id = w.person_id)
    )
    INSERT INTO qualification_waiting AS w (person_id, owner_id, since, due_at) SELECT * FROM waits ORDER BY id
    ON CONFLICT (person_id) DO UPDATE SET owner_id = excluded.owner_id, since = excluded.since, due_at = excluded.due_at
    WHERE (w.owner_id, w.since, w.due_at) IS DISTINCT FROM (excluded.owner_id, excluded.since, excluded.due_at)
"""


def follow(people: Iterable[int]) -> None:
    """Make the rows of these people anew."""
    ids = sorted(set(people))
    if ids:
        deals = registry["deal"].model._meta.db_table
        with connection.cursor() as cursor:
            cursor.execute(KEEP.format(deals=deals), {"people": ids})


def follow_deals(deals: list[int]) -> None:
    """With whom a deal was begun, that lead needs no verdict any more; taken back, it waits again."""
    rows = registry["deal"].model._default_manager.filter(pk__in=deals, contact__isnull=False)
    follow(rows.values_list("contact_id", flat=True))


def settle(pairs: list[tuple[Any, Any]], by: Actor) -> None:
    """After decisions were written or taken back."""
    follow(row.person_id for pair in pairs for row in pair if row is not None)


def make_room(record: Any, keep: Any, others: list[Any], by: Actor) -> None:
    """People who become one wait once; what follows the merge makes the row anew."""
    if record.name == "person":
        Waiting.objects.filter(person__in=[keep.pk, *(other.pk for other in others)]).delete()
