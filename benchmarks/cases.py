"""What is measured: pages as people ask for them, and beside each the SQL that a patient person would write by hand.

The SQL fetches the same rows with the same joins, in the form that lets an index answer; it is what the page cannot beat.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

HTMX = {"HX-Request": "true"}
RUN = secrets.token_hex(3)
PERSON = """SELECT p.id, p.name, p.job_title, p.company_id, c.name, p.next_step, p.next_step_at, p.last_touch_at, p.owner_id, u.name
    FROM contacts_person p LEFT JOIN contacts_company c ON c.id = p.company_id LEFT JOIN accounts_user u ON u.id = p.owner_id
    WHERE p.archived_at IS NULL"""


@dataclass(frozen=True)
class Case:
    """One request. `path`, `form` and `session` (who asks) may depend on the number of the request. `most`: aim for p95, ms."""

    name: str
    path: str | Callable[[int], str]
    sql: tuple[str, ...]
    method: str = "GET"
    form: Callable[[int], str] | None = None
    headers: dict[str, str] | None = None
    search: bool = False
    session: Callable[[int], str] | None = None
    most: int = 0


def cases(known: dict[str, Any]) -> Iterator[Case]:
    """Every case; `known` is what `facts.learn` found out about the data."""
    yield from days(known)
    yield from people_lists(known)
    yield from people_found(known)
    yield from other_lists(known)
    yield from searches(known)
    yield from rows_and_reports(known)
    yield from writes(known)


def people(name: str, query: str, order: str, condition: str = "") -> Case:
    return Case(f"people, {name}", f"/people/?{query}", (f"{PERSON} {condition} ORDER BY {order} LIMIT 51",))


def days(known: dict[str, Any]) -> Iterator[Case]:
    """Today of one who looks after an eighth of everything, and of that team."""
    me = f"owner_id = {known['me']} AND archived_at IS NULL"
    steps = f"SELECT * FROM activities_activity WHERE {me} AND done_at IS NULL AND"
    silent = f"""SELECT c.* FROM contacts_company c WHERE {me} AND last_touch_at < now() - interval '60 days' AND EXISTS
        (SELECT FROM deals_deal d WHERE d.company_id = c.id AND d.status = 'won') ORDER BY last_touch_at, id LIMIT 5"""
    sql = (
        f"{steps} due_at < now() ORDER BY due_at LIMIT 20",
        f"{steps} due_at BETWEEN now() AND now() + interval '1 day' ORDER BY due_at LIMIT 20",
        f"SELECT * FROM deals_deal WHERE {me} AND status = 'open' ORDER BY GREATEST(stage_since, last_touch_at), id LIMIT 5",
        silent, f"SELECT * FROM contacts_company WHERE {me} AND next_step_at IS NULL ORDER BY last_touch_at, id LIMIT 9",
    )  # fmt: skip
    yield Case("Today", "/", sql)
    yield Case("Today, my team", "/?of=team", sql)


def people_lists(known: dict[str, Any]) -> Iterator[Case]:
    yield people("first page", "", "p.last_touch_at DESC, p.id DESC", "AND p.last_touch_at IS NOT NULL")
    yield people("by name", "sort=name", "p.sort_name, p.id", "AND p.sort_name > ''")
    yield people("by company", "sort=company", "c.sort_name, p.id", "AND c.sort_name > '' AND c.archived_at IS NULL")
    yield people(
        "by company, Z to A",
        "sort=-company",
        "c.sort_name DESC, p.id DESC",
        "AND c.sort_name > '' AND c.archived_at IS NULL",
    )
    yield people("by job title", "sort=job_title", "p.job_title, p.id", "AND p.job_title > ''")
    yield people("by next step", "sort=next_step", "p.next_step, p.id", "AND p.next_step > ''")
    yield people("by due", "sort=next_step_at", "p.next_step_at, p.id", "AND p.next_step_at IS NOT NULL")
    yield people(
        "by last touch, oldest first", "sort=last_touch_at", "p.last_touch_at, p.id", "AND p.last_touch_at IS NOT NULL"
    )
    yield people("by owner", "sort=owner", "p.id", f"AND p.owner_id = {known['first_owner']}")
    deep = known["deep"]
    yield people(
        "deep page",
        f"sort=name&cursor={deep['cursor']}",
        "p.sort_name, p.id",
        f"AND (p.sort_name, p.id) > ('{deep['value']}', {deep['id']})",
    )


def people_found(known: dict[str, Any]) -> Iterator[Case]:
    word = "SELECT id FROM contacts_person WHERE tsv @@ to_tsquery('simple', '{}:*') AND archived_at IS NULL"
    for name, text in (("text filter", "kowalczyk"), ("rare text filter", known["rare"])):
        found = f"AND p.id IN (WITH m AS MATERIALIZED ({word.format(text)}) SELECT id FROM m LIMIT 2000)"
        yield people(name, f"q={text}", "p.last_touch_at DESC NULLS LAST, p.id DESC", found)
    yield people(
        "custom-field filter",
        "filter=custom.size.is:770",
        "p.last_touch_at DESC NULLS LAST, p.id DESC",
        "AND p.custom @> '{\"size\": 770}'",
    )
    yield people(
        "custom-field range",
        "filter=custom.size.over:4990",
        "p.last_touch_at DESC NULLS LAST, p.id DESC",
        "AND ((p.custom ->> 'size')::bigint) > 4990",
    )
    yield people(
        "by custom field",
        "sort=-custom.size",
        "((p.custom ->> 'size')::bigint) DESC, p.id DESC",
        "AND ((p.custom ->> 'size')::bigint) IS NOT NULL",
    )
    yield people(
        "in one's care",
        "view=mine",
        "p.last_touch_at DESC, p.id DESC",
        f"AND p.owner_id = {known['me']} AND p.last_touch_at IS NOT NULL",
    )
    yield people(
        "filter on the company",
        "filter=industry.is:Education",
        "p.last_touch_at DESC, p.id DESC",
        "AND c.industry = 'Education' AND p.last_touch_at IS NOT NULL",
    )


def other_lists(known: dict[str, Any]) -> Iterator[Case]:
    company = "SELECT c.*, u.name FROM contacts_company c LEFT JOIN accounts_user u ON u.id = c.owner_id WHERE c.archived_at IS NULL"
    yield Case(
        "companies, first page",
        "/companies/",
        (f"{company} AND c.last_touch_at IS NOT NULL ORDER BY c.last_touch_at DESC, c.id DESC LIMIT 51",),
    )
    deal = """SELECT d.*, c.name, s.name, u.name FROM deals_deal d LEFT JOIN contacts_company c ON c.id = d.company_id
        JOIN deals_stage s ON s.id = d.stage_id LEFT JOIN accounts_user u ON u.id = d.owner_id WHERE d.archived_at IS NULL"""
    yield Case("deals, list", "/deals/?view=all", (f"{deal} ORDER BY d.updated_at DESC, d.id DESC LIMIT 51",))
    yield Case(
        "deals, by amount",
        "/deals/?view=all&sort=-amount",
        (f"{deal} AND d.amount IS NOT NULL ORDER BY d.amount DESC, d.id DESC LIMIT 51",),
    )
    yield Case(
        "deals, by stage",
        "/deals/?view=all&sort=stage",
        (f"{deal} AND d.stage_id = {known['first_stage']} ORDER BY d.id LIMIT 51",),
    )
    yield Case(
        "deals, by company",
        "/deals/?view=all&sort=company",
        (f"{deal} AND c.sort_name > '' ORDER BY c.sort_name, d.id LIMIT 51",),
    )
    yield Case(
        "deals, by weighted amount",
        "/deals/?view=all&sort=-weighted",
        (f"{deal} AND d.weighted IS NOT NULL ORDER BY d.weighted DESC, d.id DESC LIMIT 51",),
    )
    yield Case(
        "deals, won",
        "/deals/?view=won",
        (f"{deal} AND d.status = 'won' AND d.closed_on IS NOT NULL ORDER BY d.closed_on DESC, d.id DESC LIMIT 51",),
    )
    yield Case(
        "activities, list",
        "/activities/?view=all",
        ("SELECT * FROM activities_activity WHERE archived_at IS NULL ORDER BY updated_at DESC, id DESC LIMIT 51",),
    )
    yield Case(
        "API, 50 people", "/api/v1/people?limit=50", (PERSON.replace("p.id, p.name", "p.*") + " ORDER BY p.id LIMIT 51",),
        headers={"Authorization": f"Bearer {known['token']}", "Accept": "application/json"},
    )  # fmt: skip


TABLES = {"contacts_person": "name", "contacts_company": "name", "deals_deal": "name", "activities_activity": "subject"}


def searches(known: dict[str, Any]) -> Iterator[Case]:
    asked = {
        "one word": "marta", "two words": "pawel ziel", "rare prefix": known["rare"], "typo": "kowalcyzk",
        "piece of an e-mail address": known["mailbox"], "piece of a phone number": known["digits"],
    }  # fmt: skip
    for name, text in asked.items():
        query = " & ".join(f"{w}:*" for w in text.replace("kowalcyzk", "kowalczyk").split())
        sql = tuple(
            f"WITH m AS MATERIALIZED (SELECT id, updated_at, {title} FROM {table} WHERE tsv @@ to_tsquery('simple', '{query}') "
            "AND archived_at IS NULL LIMIT 200) SELECT * FROM m ORDER BY updated_at DESC"
            for table, title in TABLES.items()
        )
        yield Case(f"search, {name}", f"/search/?{urlencode({'q': text})}", sql, headers=HTMX, search=True)


def rows_and_reports(known: dict[str, Any]) -> Iterator[Case]:
    story = """SELECT e.* FROM timeline_eventlink l JOIN timeline_event e ON e.id = l.event_id
        WHERE l.record = '{}' AND l.record_id = {} ORDER BY l.at DESC, l.event_id DESC LIMIT 31"""
    person, company, deal = known["person"], known["company"], known["deal"]
    yield Case(
        "person, 20,000 entries", f"/people/{person}", (f"{PERSON} AND p.id = {person}", story.format("person", person))
    )
    at, event = known["half"]
    before = urlencode({"part": "more", "before": f"{at.isoformat()}~{event}"})
    older = story.format("person", person).replace("ORDER BY", f"AND (l.at, l.event_id) < ('{at}', '{event}') ORDER BY")
    yield Case("person, from entry 10,000 on", f"/people/{person}/timeline?{before}", (older,), headers=HTMX)
    yield Case("company page", f"/companies/{company}", (
        f"SELECT * FROM contacts_company WHERE id = {company}", story.format("company", company),
        f"SELECT * FROM contacts_person WHERE company_id = {company} LIMIT 6", f"SELECT * FROM deals_deal WHERE company_id = {company} LIMIT 6",
    ))  # fmt: skip
    yield Case(
        "deal page", f"/deals/{deal}", (f"SELECT * FROM deals_deal WHERE id = {deal}", story.format("deal", deal))
    )
    lanes = """SELECT stage_id, currency, count(*), sum(amount) FROM deals_deal
        WHERE pipeline_id = 1 AND status = 'open' AND archived_at IS NULL GROUP BY 1, 2"""
    cards = """SELECT t.* FROM deals_stage s, LATERAL (SELECT d.*, c.name AS company_name FROM deals_deal d
        LEFT JOIN contacts_company c ON c.id = d.company_id
        WHERE d.stage_id = s.id AND d.status = 'open' AND d.archived_at IS NULL ORDER BY d.next_step_at, d.id LIMIT 30) t"""
    yield Case("board of open deals", "/deals/?view=open", (lanes, cards))
    if report := known.get("report"):
        yield Case("report on deals", report, (
            "SELECT date_trunc('month', closed_on), status, currency, count(*), sum(amount) FROM deals_deal "
            "WHERE status <> 'open' GROUP BY 1, 2, 3", lanes,
        ))  # fmt: skip
    yield Case("my open activities", "/activities/?view=mine", (
        f"SELECT * FROM activities_activity WHERE owner_id = {known['me']} AND done_at IS NULL AND due_at IS NOT NULL ORDER BY due_at LIMIT 50",
    ))  # fmt: skip


def writes(known: dict[str, Any]) -> Iterator[Case]:
    columns = ", ".join(known["columns"])
    tell = """, e AS (INSERT INTO timeline_event (id, at, recorded_at, actor_name, channel, verb, record, record_id, changes, payload)
        SELECT uuidv7(), now(), now(), '', 'web', 'person.changed', 'person', id, '{}', '{}' FROM p RETURNING id, record_id),
        l AS (INSERT INTO timeline_eventlink (event_id, record, record_id, at, chip) SELECT id, 'person', record_id, now(), 'change' FROM e)
        SELECT 1"""
    yield Case(
        "create a person", "/people/new", (
            f"WITH p AS (INSERT INTO contacts_person ({columns}) SELECT {columns} FROM contacts_person WHERE id = {known['person']} RETURNING id)" + tell,
        ), "POST", lambda n: urlencode({"given_name": f"Bench{n}", "family_name": f"Made {RUN} {n}", "quick": "1"}), HTMX
    )  # fmt: skip
    some = known["some"]
    yield Case(
        "edit a cell", lambda n: f"/people/{some[n % len(some)]}/cell/job_title", (
            f"WITH p AS (UPDATE contacts_person SET job_title = 'Head', updated_at = now() WHERE id = {some[0]} RETURNING id)" + tell,
        ), "POST", lambda n: urlencode({"job_title": f"Head of {RUN} {n}"}), HTMX
    )  # fmt: skip
    yield Case(
        "API, create a person", "/api/v1/people", (
            f"WITH p AS (INSERT INTO contacts_person ({columns}) SELECT {columns} FROM contacts_person WHERE id = {known['person']} RETURNING id)" + tell,
        ), "POST", lambda n: json.dumps({"given_name": "Bench", "family_name": f"Sent {RUN} {n}"}),
        {"Authorization": f"Bearer {known['token']}", "Accept": "application/json", "Content-Type": "application/json"}
    )  # fmt: skip
