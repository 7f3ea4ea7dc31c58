"""The proof: everything is worked out again from the base tables, another way than the list is kept, and compared.

A violation is an open row that is neither attended to nor on the list, a row that is on it wrongly or for another reason
than it says, and a next step that is not the earliest open dated activity. None is expected. What is found is told by the
proof, and then put right.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction

from kith.kernel.timeline.followup import refresh
from kith.process.definition.document import read
from kith.process.forgotten.looking import look, rebuild
from kith.process.forgotten.models import Kind, Proof
from kith.process.models import Version

MOST = 200  # rows named of each sort and type; all are counted
WON = "deal.won"
UNLISTED, LISTED, MISTOLD, STEP = "unlisted", "listed", "mistold", "step"

# The earliest open dated activity of every row that has one, by walking all of them once.
_STEPS = """
steps AS (
    SELECT DISTINCT ON ({link}) {link} AS id, due_at, owner_id FROM activities_activity
    WHERE {link} IS NOT NULL AND done_at IS NULL AND due_at IS NOT NULL AND archived_at IS NULL
    ORDER BY {link}, due_at, id
)"""
# That of a ticket: its earliest clock that runs, or the day on which it comes back; what nothing is promised for has a day too.
_TICKET_STEPS = """
steps AS (
    SELECT t.id, t.owner_id, CASE WHEN t.state = 'waiting' THEN coalesce(t.waiting_until, t.next_step_at)
        ELSE coalesce(c.due_at, t.next_step_at) END AS due_at
    FROM support_ticket t LEFT JOIN (
        SELECT ticket_id, min(due_at) AS due_at FROM support_clock WHERE ended_at IS NULL AND due_at IS NOT NULL GROUP BY 1
    ) c ON c.ticket_id = t.id
    WHERE t.state IN ('new', 'open', 'waiting') AND t.archived_at IS NULL AND t.next_step_at IS NOT NULL
)"""
_OPEN = {
    "ticket": "SELECT id, owner_id, 'ticket' AS kind FROM support_ticket WHERE state IN ('new', 'open', 'waiting') AND archived_at IS NULL",
    "deal": "SELECT id, owner_id, 'deal' AS kind FROM deals_deal WHERE status = 'open' AND archived_at IS NULL",
    "company": """
        SELECT c.id, c.owner_id, coalesce(j.kind, b.kind, d.kind) AS kind FROM contacts_company c
        LEFT JOIN walking j ON j.id = c.id
        LEFT JOIN (SELECT id, 'customer' AS kind FROM contacts_company
                   WHERE customer_since IS NOT NULL AND customer_until IS NULL) b
            ON b.id = c.id AND c.id NOT IN (SELECT id FROM known)
        LEFT JOIN (SELECT d.company_id AS id, CASE WHEN bool_or(d.status = 'won') THEN 'customer' ELSE 'lead' END AS kind
                   FROM deals_deal d JOIN contacts_company f ON f.id = d.company_id
                   WHERE d.archived_at IS NULL AND (d.status = 'open' OR d.status = 'won' AND f.customer_until IS NULL)
                   GROUP BY 1) d
            ON d.id = c.id AND c.id NOT IN (SELECT id FROM known)
        WHERE c.archived_at IS NULL AND coalesce(j.kind, b.kind, d.kind) IS NOT NULL""",
    "person": """
        SELECT c.id, c.owner_id, coalesce(j.kind, b.kind, d.kind) AS kind FROM contacts_person c
        LEFT JOIN walking j ON j.id = c.id
        LEFT JOIN (SELECT id, 'customer' AS kind FROM contacts_person
                   WHERE customer_since IS NOT NULL AND customer_until IS NULL AND company_id IS NULL) b
            ON b.id = c.id AND c.id NOT IN (SELECT id FROM known)
        LEFT JOIN (SELECT d.contact_id AS id, CASE WHEN bool_or(d.status = 'won') THEN 'customer' ELSE 'lead' END AS kind
                   FROM deals_deal d JOIN contacts_person f ON f.id = d.contact_id
                   WHERE d.archived_at IS NULL AND (d.status = 'open' OR d.status = 'won' AND f.customer_until IS NULL)
                   GROUP BY 1) d
            ON d.id = c.id AND c.company_id IS NULL AND c.id NOT IN (SELECT id FROM known)
        WHERE c.archived_at IS NULL AND coalesce(j.kind, b.kind, d.kind) IS NOT NULL""",
}
_WALKING = """
stages AS (SELECT * FROM unnest(%(processes)s::bigint[], %(numbers)s::int[], %(stages)s::text[]) AS s (process_id, held_to, stage)),
walking AS (
    SELECT j.{link} AS id, CASE WHEN s.stage IS NULL THEN 'lead' ELSE 'customer' END AS kind
    FROM process_journey j LEFT JOIN stages s USING (process_id, held_to, stage)
    WHERE j.{link} IS NOT NULL AND j.closed_at IS NULL AND j.archived_at IS NULL
),
known AS MATERIALIZED (SELECT DISTINCT {link} AS id FROM process_journey WHERE {link} IS NOT NULL AND archived_at IS NULL),
"""
_COMPARE = """
WITH {walking}{steps},
active AS (SELECT id FROM accounts_user WHERE is_active),
facts AS (
    SELECT o.id, o.kind, CASE
        WHEN o.owner_id IS NULL THEN 'no_owner' WHEN o.owner_id NOT IN (SELECT id FROM active) THEN 'owner_left'
        WHEN s.id IS NULL THEN 'no_step'
        WHEN coalesce(s.owner_id NOT IN (SELECT id FROM active), true) THEN 'nobodys_step' END AS why
    FROM ({opened}) o LEFT JOIN steps s ON s.id = o.id
),
compared AS (
    SELECT coalesce(f.id, t.record_id) AS id, coalesce(f.kind, t.kind) AS kind, f.id IS NOT NULL AS checked,
           f.id IS NOT NULL AND f.why IS NULL AS attended, t.id IS NOT NULL AS listed,
           CASE WHEN t.id IS NULL AND f.why IS NOT NULL THEN 'unlisted'
                WHEN t.id IS NOT NULL AND f.why IS NULL THEN 'listed'
                WHEN (t.why, t.kind) <> (f.why, f.kind) THEN 'mistold' END AS wrong
    FROM facts f FULL JOIN (SELECT * FROM forgotten_unattended WHERE record = '{record}') t ON t.record_id = f.id
)
SELECT kind, wrong, count(*) FILTER (WHERE checked), count(*) FILTER (WHERE attended), count(*) FILTER (WHERE listed),
       count(*), CASE WHEN wrong IS NULL THEN NULL ELSE (array_agg(id ORDER BY id))[1:{most}] END
FROM compared GROUP BY kind, wrong
"""
_STRAY = """
WITH {steps}
SELECT count(*), (array_agg(r.id ORDER BY r.id))[1:{most}] FROM {table} r LEFT JOIN steps s ON s.id = r.id
WHERE r.archived_at IS NULL AND r.next_step_at IS DISTINCT FROM s.due_at
"""
_TABLES = {
    "deal": ("deals_deal", "deal_id"), "company": ("contacts_company", "company_id"), "person": ("contacts_person", "person_id"),
    "ticket": ("support_ticket", ""),
}  # fmt: skip


@dataclass
class Found:
    """What a proof found. counts: {kind: {"checked", "attended", "listed"}}; rows: as in `Proof.found`."""

    counts: dict[str, dict[str, int]] = field(
        default_factory=lambda: {kind: {"checked": 0, "attended": 0, "listed": 0} for kind in Kind.values}
    )
    violations: int = 0
    rows: list[dict[str, Any]] = field(default_factory=list)

    @property
    def totals(self) -> dict[str, int]:
        """Of all kinds together."""
        return {key: sum(of[key] for of in self.counts.values()) for key in ("checked", "attended", "listed")}

    def wrong(self, what: str, kind: str, record: str, count: int, ids: list[int] | None) -> None:
        self.violations += count
        self.rows += [{"what": what, "kind": kind, "record": record, "id": pk} for pk in ids or ()]


def check() -> Found:
    """Work everything out and compare; nothing is written. Two statements for each of deals, companies, people and tickets, all of
    one moment."""
    found = Found()
    with transaction.atomic(), connection.cursor() as cursor:
        if len(connection.atomic_blocks) == 1:  # nobody's transaction but this one
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            cursor.execute("SET LOCAL work_mem = '128MB'")
        stages = _customer_stages()
        for record, (table, link) in _TABLES.items():
            steps = _steps(link)
            walking = "" if record in ("deal", "ticket") else _WALKING.format(link=link)
            sql = _COMPARE.format(walking=walking, steps=steps, opened=_OPEN[record], record=record, most=MOST)
            cursor.execute(sql, stages if walking else None)
            for kind, wrong, checked, attended, listed, count, ids in cursor.fetchall():
                of = found.counts[kind]
                of["checked"], of["attended"], of["listed"] = of["checked"] + checked, of["attended"] + attended, of["listed"] + listed  # fmt: skip
                if wrong:
                    found.wrong(wrong, kind, record, count, ids)
            cursor.execute(_STRAY.format(steps=steps, table=table, most=MOST))
            count, ids = cursor.fetchone()
            found.wrong(STEP, "", record, count, ids)
    return found


def _customer_stages() -> dict[str, list[Any]]:
    """Stages at or after the one that a won deal leads to, of every published version, as columns."""
    out: dict[str, list[Any]] = {"processes": [], "numbers": [], "stages": []}
    for version in Version.objects.filter(number__isnull=False):
        stages = read(version.document).stages
        first = next((n for n, stage in enumerate(stages) if WON in stage.enters_on), len(stages))
        for stage in stages[first:]:
            out["processes"].append(version.process_id)
            out["numbers"].append(version.number)
            out["stages"].append(stage.key)
    return out


def prove(asked_by: str = "") -> Proof:
    """Check, keep what was found, and put right what was wrong."""
    began = time.monotonic()
    found = check()
    proof = Proof(
        seconds=round(time.monotonic() - began, 2), counts=found.counts, violations=found.violations, found=found.rows,
        asked_by=asked_by,
    )  # fmt: skip
    with transaction.atomic():
        proof.save()
        mend(found)
    proof.refresh_from_db()
    return proof


def mend(found: Found) -> None:
    """Put right what a check found; where more is wrong than it names, everything is looked at again."""
    all_named = found.violations == len(found.rows)
    strays = [(row["record"], row["id"]) for row in found.rows if row["what"] == STEP]
    refresh(strays if all_named else _strays())
    if all_named:
        look((row["record"], row["id"]) for row in found.rows)
    else:
        rebuild()


def _steps(link: str) -> str:
    return _STEPS.format(link=link) if link else _TICKET_STEPS


def _strays() -> list[tuple[str, int]]:
    """Every row whose next step is not the earliest open dated activity."""
    out: list[tuple[str, int]] = []
    for record, (table, link) in _TABLES.items():
        with connection.cursor() as cursor:
            cursor.execute(_STRAY.format(steps=_steps(link), table=table, most=10_000_000))
            out += [(record, pk) for pk in cursor.fetchone()[1] or ()]
    return out
