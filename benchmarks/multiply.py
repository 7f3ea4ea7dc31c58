"""A story told once, copied into many inside the database: other ids, names, addresses and numbers, the same shape.

Indexes are taken away before and made again after, so a million people take minutes. Every copy has its own companies,
people, deals, conversations and events, linked among themselves.
"""

from __future__ import annotations

import time
from typing import Any

# What differs in copy {k}; "id" columns are moved by the largest id of the table they point at.
PHONES = "regexp_replace({c}, '(\\d{{4}})(\"|$)', '{k}\\1\\2', 'g')"
DOMAINS = "replace({c}, '.example', '-{k}.example')"
LATER = "{c} - {k} * interval '7 seconds'"
SEARCH = "regexp_replace(replace(search, ' example', '-{k} example'), ' (\\d+)(\\d{{4}})\\M', ' \\1{k}\\2', 'g')"
REACH = {
    "email": DOMAINS, "emails": DOMAINS.replace("{c}", "{c}::text") + "::jsonb", "phone": PHONES,
    "phones": PHONES.replace("{c}", "{c}::text") + "::jsonb",
    "identifiers": "regexp_replace(replace({c}::text, '.example', '-{k}.example'), '(p:\\+\\d+)(\\d{{4}})', '\\1{k}\\2', 'g')::varchar[]",
    "search": SEARCH,
}  # fmt: skip
NUMBERED = "regexp_replace({c}, ' \\d+$', '') || ' ' || (id + {k} * {company})"
MOMENTS = dict.fromkeys(("created_at", "updated_at", "last_touch_at", "next_step_at"), LATER)
NEW_ID = "overlay({c}::text placing to_hex((7 + {k}) % 16) from 15)::uuid"  # the digit that is 7 in every told id
MOST_TIMES = 16
TABLES: dict[str, dict[str, str]] = {
    "contacts_company": {**REACH, **MOMENTS, "domain": DOMAINS, "name": NUMBERED, "sort_name": NUMBERED},
    "contacts_person": {**REACH, **MOMENTS, "company_id": "company"},
    "deals_deal": {**MOMENTS, "company_id": "company", "contact_id": "person"},
    "deals_stay": {"deal_id": "deal", "entered_at": LATER, "left_at": LATER},
    "activities_activity": {"company_id": "company", "person_id": "person", "deal_id": "deal"},
    "timeline_event": {"id": NEW_ID, "at": LATER, "record_id": "any"},
    "timeline_eventlink": {"event_id": NEW_ID, "at": LATER, "record_id": "any"},
}
OF_THEIR_OWN = ("timeline_eventlink", "deals_stay")  # tables whose ids nothing points at
IDS = {
    "company": "contacts_company",
    "person": "contacts_person",
    "deal": "deals_deal",
    "activity": "activities_activity",
}


def multiply(connection: Any, times: int) -> None:
    """Let the database hold `times` times the story it holds. `connection`: of a superuser, in autocommit."""
    most = {name: connection.execute(f"SELECT max(id) FROM {table}").fetchone()[0] for name, table in IDS.items()}
    connection.execute(
        "SET session_replication_role = replica"
    )  # neither foreign keys nor triggers: the copies are whole
    began = time.monotonic()
    for table, differs in TABLES.items():
        indexes = _take_indexes(connection, table)
        for k in range(1, times):
            _copy(connection, table, differs, k, most)
        for definition in indexes:
            connection.execute(definition)
        print(f"{time.monotonic() - began:6.0f} s  {table}", flush=True)
    for table in (*IDS.values(), *OF_THEIR_OWN):
        connection.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")
    connection.execute("SET session_replication_role = origin")


def _take_indexes(connection: Any, table: str) -> list[str]:
    """Drop the indexes that no constraint needs; returns the statements that make them again."""
    found = connection.execute(
        "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = %s::regclass "
        "AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)", [table],
    ).fetchall()  # fmt: skip
    for name, _definition in found:
        connection.execute(f"DROP INDEX {name}")
    return [definition for _name, definition in found]


def _copy(connection: Any, table: str, differs: dict[str, str], k: int, most: dict[str, int]) -> None:
    columns = [c for (c,) in connection.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''",
        [table],
    ).fetchall()]  # fmt: skip
    own = {table: name for name, table in IDS.items()}.get(table)
    if table in OF_THEIR_OWN:
        columns.remove("id")
    values = [_value(c, differs.get(c, own if c == "id" and own else ""), k, most) for c in columns]
    first = f"id <= {most[own]}" if own else _originals(table, most)
    listed = ", ".join(f'"{c}"' for c in columns)
    connection.execute(f"INSERT INTO {table} ({listed}) SELECT {', '.join(values)} FROM {table} WHERE {first}")


def _originals(table: str, most: dict[str, int]) -> str:
    """Only what the story itself said: of the first copy on, ids lie beyond the largest."""
    if "deal_id" in TABLES[table]:
        return f"deal_id <= {most['deal']}"
    return " OR ".join(f"(record = '{name}' AND record_id <= {n})" for name, n in most.items())


def _value(column: str, differs: str, k: int, most: dict[str, int]) -> str:
    quoted = f'"{column}"'
    if differs in most:
        return f"{quoted} + {k * most[differs]}"
    if differs == "any":
        cases = " ".join(f"WHEN '{name}' THEN {k * n}" for name, n in most.items())
        return f"{quoted} + CASE record {cases} ELSE 0 END"
    return differs.format(c=quoted, k=k, company=most["company"]) if differs else quoted
