"""Whose health must be looked at again: named in the transaction of what happened, worked off by a job a moment later.

Rows are appended and never constrained, so that writers wait for nobody; the job takes a batch, and what commits meanwhile
stands in rows of its own for its next round.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from django.db import connection, transaction

from kith.kernel.access.actor import Actor
from kith.kernel.jobs import enqueue
from kith.kernel.timeline.write import Entry
from kith.retention.customers import Batch, Key, batch_of
from kith.retention.health.computing import drop, in_a_row, keep
from kith.retention.health.measures import ONBOARDING, TALKED
from kith.retention.health.parts import parts, tiers

BATCH = 2000
JOB = "retention.health"
MARK = "INSERT INTO retention_dirty (record, row) SELECT * FROM unnest(%s::text[], %s::bigint[])"
TAKE = """
    DELETE FROM retention_dirty WHERE id IN (SELECT id FROM retention_dirty ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED)
    RETURNING record, row
"""
ALWAYS = frozenset({
    *TALKED, *ONBOARDING, "survey.answered", "company.became_customer", "company.ended_customer", "person.became_customer",
    "person.ended_customer", "company.changed", "company.merged", "person.merged", "company.archived", "company.restored",
    "order.reported", "order.archived", "order.restored",
})  # fmt: skip


LISTENERS: list[Callable[[Batch], None]] = []


def hears_kept(told: Callable[[Batch], None]) -> None:
    """Let a room above hear whose health and chance of leaving were just looked at, in its transaction. Call it at start-up."""
    LISTENERS.append(told)


def handles(verb: str) -> bool:
    """What parts of health can see; nothing while there is none."""
    if not (parts() or tiers()):
        return False
    return verb in ALWAYS or verb.startswith("ticket.") or any(part.verb == verb for part in parts())


def hear(entries: list[Entry], by: Actor) -> None:
    mark(ref for e in entries for ref in ((e.record, e.record_id), *e.about))


def mark(refs: Iterable[Key]) -> None:
    """Have these companies and people looked at again after this transaction's commit."""
    some = sorted({ref for ref in refs if ref[0] in ("company", "person")})
    if not some:
        return
    with connection.cursor() as cursor:
        cursor.execute(MARK, [[record for record, _pk in some], [pk for _record, pk in some]])
    enqueue(JOB, key=JOB, lock=JOB)


def work_off() -> int:
    """Look at everybody who is named, each batch a transaction; returns how many customers."""
    from kith.retention.churn.applying import keep as keep_chances

    done = 0
    while True:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(TAKE, [BATCH])
                named = set(cursor.fetchall())
            if not named:
                return done
            in_a_row()
            batch = batch_of(named)
            drop(named - set(batch.every()))
            keep(batch)
            keep_chances(batch)
            for told in LISTENERS:
                told(batch)
            done += len(batch)


def forget() -> None:
    """Nobody need be looked at: everybody was, a moment ago, in one go."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM retention_dirty")
