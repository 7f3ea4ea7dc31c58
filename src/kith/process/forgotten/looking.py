"""Keeping the public list: rows are looked at again when something they depend on changed, in the same transaction.

One statement for any number of rows. It works out whether each is open and who attends to it, and writes only what
differs. Nothing is adjusted from what was there before, so an error cannot pile up.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

from django.db import connection

Ref = tuple[str, int]
RECORDS = ("deal", "company", "person", "ticket")
CUSTOMERS = ("company", "person")
_UNSOLVED = "state IN ('new', 'open', 'waiting') AND archived_at IS NULL"

_SOME = "SELECT * FROM unnest(%(records)s::text[], %(ids)s::bigint[]) AS g (record, id)"
_OPEN_STEP = "a.done_at IS NULL AND a.due_at IS NOT NULL AND a.archived_at IS NULL"
# Whatever is in the care of one colleague, or waits for them.
_CARE = f"""
    SELECT 'deal' AS record, id FROM deals_deal WHERE owner_id = %(user)s AND status = 'open' AND archived_at IS NULL
    UNION SELECT 'company', id FROM contacts_company WHERE owner_id = %(user)s AND archived_at IS NULL
    UNION SELECT 'person', id FROM contacts_person WHERE owner_id = %(user)s AND archived_at IS NULL
    UNION SELECT 'ticket', id FROM support_ticket WHERE owner_id = %(user)s AND {_UNSOLVED}
    UNION SELECT v.record, v.id FROM activities_activity a
        CROSS JOIN LATERAL (VALUES ('deal', a.deal_id), ('company', a.company_id), ('person', a.person_id)) AS v (record, id)
        WHERE a.owner_id = %(user)s AND {_OPEN_STEP}
          AND v.id IS NOT NULL
"""  # noqa: S608 - made of constants
_ALL = f"""
    SELECT 'deal' AS record, id FROM deals_deal WHERE status = 'open' AND archived_at IS NULL
    UNION SELECT 'company', company_id FROM process_journey WHERE company_id IS NOT NULL AND closed_at IS NULL
    UNION SELECT 'person', person_id FROM process_journey WHERE person_id IS NOT NULL AND closed_at IS NULL
    UNION SELECT 'company', company_id FROM deals_deal WHERE company_id IS NOT NULL AND status <> 'lost'
    UNION SELECT 'person', contact_id FROM deals_deal WHERE contact_id IS NOT NULL AND status <> 'lost'
    UNION SELECT 'company', id FROM contacts_company WHERE customer_since IS NOT NULL AND customer_until IS NULL
    UNION SELECT 'person', id FROM contacts_person WHERE customer_since IS NOT NULL AND customer_until IS NULL AND company_id IS NULL
    UNION SELECT 'ticket', id FROM support_ticket WHERE {_UNSOLVED}
    UNION SELECT record, record_id FROM forgotten_unattended
"""  # noqa: S608 - made of constants


def _bearers(record: str, link: str, more: str = "") -> str:
    """Open companies, or people: those on a journey, and those on none so far who are customers (by an order that was imported,
    say), or of whom a deal is open or was won."""
    return f"""
    SELECT '{record}' AS record, c.id, c.owner_id, c.next_step_at, CASE
        WHEN h.process_id IS NOT NULL THEN CASE WHEN s.stage IS NULL THEN 'lead' ELSE 'customer' END
        WHEN NOT EXISTS (SELECT 1 FROM process_journey p WHERE p.{record}_id = c.id AND p.archived_at IS NULL){more} THEN
            CASE WHEN c.customer_since IS NOT NULL AND c.customer_until IS NULL THEN 'customer' ELSE
            (SELECT CASE max(d.status) WHEN 'won' THEN 'customer' WHEN 'open' THEN 'lead' END FROM deals_deal d
             WHERE d.{link}_id = c.id AND d.archived_at IS NULL AND (d.status = 'open' OR c.customer_until IS NULL)) END END AS kind
    FROM given g JOIN contacts_{record} c ON c.id = g.id
    LEFT JOIN held h ON h.record = '{record}' AND h.id = c.id
    LEFT JOIN served s ON (s.process_id, s.number, s.stage) = (h.process_id, h.held_to, h.stage)
    WHERE g.record = '{record}' AND c.archived_at IS NULL
    """  # noqa: S608 - made of constants


def _held(record: str) -> str:
    return f"""SELECT g.record, g.id, j.process_id, j.held_to, j.stage FROM given g JOIN process_journey j ON j.{record}_id = g.id
        WHERE g.record = '{record}' AND j.closed_at IS NULL AND j.archived_at IS NULL"""  # noqa: S608


def _step_of(record: str) -> str:
    """Whose the next step is. That of a ticket, its next clock or the day on which it comes back, is its owner's."""
    if record == "ticket":
        return "SELECT o.owner_id WHERE o.record = 'ticket'"
    return f"""SELECT a.owner_id FROM activities_activity a
        WHERE o.record = '{record}' AND a.{record}_id = o.id AND {_OPEN_STEP} ORDER BY a.due_at, a.id LIMIT 1"""  # noqa: S608


# Stages that stand at or after the one that a won deal leads to: who is there is a customer.
_SERVED = """
    SELECT v.process_id, v.number, s.value->>'key' AS stage
    FROM process_version v CROSS JOIN LATERAL jsonb_array_elements(v.document->'stages') WITH ORDINALITY AS s (value, n)
    WHERE (v.process_id, v.number) IN (SELECT process_id, held_to FROM held) AND s.n >= (
        SELECT min(w.n) FROM jsonb_array_elements(v.document->'stages') WITH ORDINALITY AS w (value, n)
        WHERE w.value->'enters_on' @> '"deal.won"')
"""
_DEALS = """
    SELECT 'deal' AS record, d.id, d.owner_id, d.next_step_at, 'deal' AS kind FROM given g JOIN deals_deal d ON d.id = g.id
    WHERE g.record = 'deal' AND d.status = 'open' AND d.archived_at IS NULL
"""
_TICKETS = f"""
    SELECT 'ticket' AS record, t.id, t.owner_id, t.next_step_at, 'ticket' AS kind FROM given g JOIN support_ticket t ON t.id = g.id
    WHERE g.record = 'ticket' AND t.{_UNSOLVED.replace("archived_at", "t.archived_at")}
"""  # noqa: S608 - made of constants
_ARMS = {
    "deal": _DEALS, "ticket": _TICKETS, "company": _bearers("company", "company"),
    "person": _bearers("person", "contact", " AND c.company_id IS NULL"),
}  # fmt: skip


@cache
def _judged(records: tuple[str, ...]) -> str:
    """Every given row of these types that is open, and why nobody attends to it. Only what is asked for is in it: planning
    it all takes longer than running it for one row."""
    opened = " UNION ALL ".join(_ARMS[record] for record in records)
    step = " UNION ALL ".join(f"({_step_of(record)})" for record in records)
    bearers = [record for record in records if record in CUSTOMERS]
    served = f"held AS MATERIALIZED ({' UNION ALL '.join(map(_held, bearers))}), served AS MATERIALIZED ({_SERVED}),"
    return f"""
WITH given (record, id) AS MATERIALIZED ({{given}}), {served if bearers else ""}
opened AS ({opened}),
judged AS MATERIALIZED (
    SELECT o.record, o.id, o.kind, o.owner_id, step.owner_id AS stepper, CASE
        WHEN o.owner_id IS NULL THEN 'no_owner' WHEN NOT u.is_active THEN 'owner_left'
        WHEN o.next_step_at IS NULL THEN 'no_step' WHEN su.is_active IS NOT TRUE THEN 'nobodys_step' END AS why
    FROM opened o LEFT JOIN accounts_user u ON u.id = o.owner_id
    LEFT JOIN LATERAL ({step}) step ON true LEFT JOIN accounts_user su ON su.id = step.owner_id
    WHERE o.kind IS NOT NULL
)"""  # noqa: S608 - made of constants


_WRITE = """,
gone AS (
    DELETE FROM forgotten_unattended t USING given g
    WHERE t.record = g.record AND t.record_id = g.id
      AND NOT EXISTS (SELECT 1 FROM judged j WHERE (j.record, j.id) = (g.record, g.id) AND j.why IS NOT NULL)
)
INSERT INTO forgotten_unattended AS t (record, record_id, kind, why)
SELECT record, id, kind, why FROM judged WHERE why IS NOT NULL ORDER BY record, id
ON CONFLICT (record, record_id) DO UPDATE SET kind = EXCLUDED.kind, why = EXCLUDED.why
WHERE (t.kind, t.why) IS DISTINCT FROM (EXCLUDED.kind, EXCLUDED.why)
"""
_LEAVES = " SELECT kind, count(*) FROM judged WHERE owner_id = %(user)s OR stepper = %(user)s GROUP BY kind"


def look(refs: Iterable[Ref]) -> None:
    """Look at these rows again; those of other types are passed over. One statement, in the caller's transaction."""
    wanted = sorted({ref for ref in refs if ref[0] in RECORDS})
    if wanted:
        records, ids = [record for record, _pk in wanted], [pk for _record, pk in wanted]
        _run(_WRITE, _SOME, tuple(dict.fromkeys(records)), records=records, ids=ids)


def look_at_care_of(user: int) -> None:
    """Look again at all that is in this colleague's care or waits for them, after they left or came back."""
    _run(_WRITE, _CARE, user=user)


def rebuild() -> None:
    """Make the whole list again, for rows that came past all actions."""
    _run(_WRITE, _ALL)


def would_leave(user: int) -> dict[str, int]:
    """{kind: how many open rows this colleague looks after, or whose next step is theirs}."""
    return dict(_run(_LEAVES, _CARE, user=user))


def _run(verb: str, given: str, of: tuple[str, ...] = RECORDS, **params: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(_judged(of).replace("{given}", given) + verb, params or None)
        return cursor.fetchall() if cursor.description else []
