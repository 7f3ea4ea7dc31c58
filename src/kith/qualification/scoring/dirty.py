"""Whose scores must be looked at again: named in the transaction of what happened, worked off by a job a moment later.

Rows are appended and never constrained, so that writers wait for nobody. The job takes a batch, and what commits while it
works stands in rows of its own, for its next round.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import connection, transaction

from kith.kernel.access.actor import Actor
from kith.kernel.jobs import enqueue
from kith.kernel.timeline.write import Entry
from kith.qualification.checklist.questions import criteria
from kith.qualification.scoring.rules import rules

BATCH = 1000
JOB = "qualification.score"
MARK = "INSERT INTO qualification_dirty (person) SELECT DISTINCT unnest(%s::bigint[])"
MARK_STAFF = "INSERT INTO qualification_dirty (person) SELECT id FROM contacts_person WHERE company_id = ANY(%s)"
TAKE = """
    DELETE FROM qualification_dirty WHERE id IN (SELECT id FROM qualification_dirty ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED)
    RETURNING person
"""


def handles(verb: str) -> bool:
    """Anything that happens may change a filter; nothing does while there is no rule, no question and no prediction."""
    return watched()


def watched() -> bool:
    """Is there anything to keep up to date?"""
    from kith.qualification.predicting.applying import document

    return bool(rules() or criteria() or document())


def hear(entries: list[Entry], by: Actor) -> None:
    """Name everybody whom these entries are about, and who works where a company changed."""
    people = {pk for record, pk in _refs(entries) if record == "person"}
    companies = {e.record_id for e in entries if e.record == "company" and e.changes}
    companies |= {pk for e in entries if e.record == "answer" for record, pk in e.about if record == "company"}
    mark(people, companies)


def _refs(entries: Iterable[Entry]) -> Iterable[Any]:
    return (ref for e in entries for ref in ((e.record, e.record_id), *e.about))


def mark(people: Iterable[int], companies: Iterable[int] = ()) -> None:
    """Have these people, and those of these companies, looked at again after this transaction's commit."""
    who, where = sorted(set(people)), sorted(set(companies))
    if not watched():
        return
    with connection.cursor() as cursor:
        if who:
            cursor.execute(MARK, [who])
        if where:
            cursor.execute(MARK_STAFF, [where])
    if who or where:
        enqueue(JOB, key=JOB, lock=JOB)


def work_off() -> int:
    """Look at everybody who is named, a thousand at a time, each a transaction; returns how many people."""
    from kith.qualification.checklist.keeping import keep as keep_answers
    from kith.qualification.predicting.applying import keep as keep_chances
    from kith.qualification.scoring.computing import keep

    done = 0
    while True:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(TAKE, [BATCH])
                people = sorted({pk for (pk,) in cursor.fetchall()})
            if not people:
                return done
            keep(people)
            keep_answers(people)
            keep_chances(people)
            done += len(people)


def forget() -> None:
    """Nobody need be looked at: everybody was, a moment ago, in one go."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM qualification_dirty")
