"""What the cases need to know of the data: who signs in, a page in the middle, the longest story, words that are rare."""

from __future__ import annotations

from typing import Any

ADDED = 20_000  # entries of the one person with a very long story
SIZE = "size"  # key of the custom field


def prepare(database: Any) -> None:
    """Set-based additions, once: a custom field's values on every tenth person, one very long story."""
    if database.execute("SELECT EXISTS (SELECT FROM contacts_person WHERE custom ? 'size')").fetchone()[0]:
        return
    database.execute("UPDATE contacts_person SET custom = jsonb_build_object('size', id / 10 % 5000) WHERE id % 10 = 0")
    database.execute(
        """WITH e AS (
            INSERT INTO timeline_event (id, at, recorded_at, actor_name, channel, verb, record, record_id, changes, payload)
            SELECT uuidv7(), now() - n * interval '30 minutes', now(), 'Ines Okafor', 'web', 'person.changed', 'person', 1,
                   '{"job_title": ["Buyer", "Head of buying"]}', '{}'
            FROM generate_series(1, %s) n RETURNING id, at)
        INSERT INTO timeline_eventlink (event_id, record, record_id, at, chip) SELECT id, 'person', 1, at, 'changes' FROM e""",
        [ADDED],
    )
    database.execute("VACUUM (ANALYZE) contacts_person, timeline_event, timeline_eventlink")


def learn(database: Any, people: int) -> dict[str, Any]:
    """Needs Django set up on the same data."""
    from kith.kernel.accounts.models import User
    from kith.kernel.accounts.tokens import issue
    from kith.kernel.lookups.paging import cursor_after, read_sort
    from kith.kernel.records.registry import registry

    def one(sql: str) -> Any:
        return database.execute(sql).fetchone()

    user = User.objects.get(email="helena@tidewell.example")
    record = registry["person"]
    middle = one(
        f"SELECT sort_name, id FROM contacts_person WHERE archived_at IS NULL AND sort_name > '' ORDER BY 1, 2 OFFSET {people // 2} LIMIT 1"
    )
    row = record.model(pk=middle[1])
    row.sort_value = middle[0]
    mail, phone = one(
        "SELECT split_part(email, '@', 1), phone FROM contacts_person WHERE email <> '' ORDER BY id DESC LIMIT 1"
    )
    return {
        "user": user, "me": user.pk, "token": issue(user, "benchmark")[1], "person": 1,
        "deep": {"cursor": cursor_after(row, read_sort(record.columns(), "name")), "value": middle[0].replace("'", "''"), "id": middle[1]},
        "first_owner": one("SELECT id FROM accounts_user WHERE EXISTS (SELECT FROM contacts_person p WHERE p.owner_id = accounts_user.id) ORDER BY name LIMIT 1")[0],
        "first_stage": one("SELECT id FROM deals_stage ORDER BY position, id LIMIT 1")[0], "rare": _rare(one), "mailbox": mail.replace(".", " ").split()[-1], "digits": phone[-6:],
        "half": one("SELECT at, event_id FROM timeline_eventlink WHERE record = 'person' AND record_id = 1 ORDER BY at DESC, event_id DESC OFFSET 10000 LIMIT 1"),
        "company": one("SELECT company_id FROM deals_deal GROUP BY 1 ORDER BY count(*) DESC LIMIT 1")[0],
        "deal": one("SELECT max(id) FROM deals_deal WHERE status = 'won'")[0],
        "some": [pk for (pk,) in database.execute("SELECT id FROM contacts_person WHERE id % 97 = 0 LIMIT 400").fetchall()],
        "columns": [f'"{f.column}"' for f in record.model._meta.concrete_fields if f.name not in ("id", "tsv")], "report": _report(),
    }  # fmt: skip


def _rare(one: Any) -> str:
    """The start of a word that a handful of rows have, the case in which planners walk a whole table: a firm's number."""
    return str(one("SELECT regexp_replace(name, '^.* ', '') FROM contacts_company ORDER BY id DESC LIMIT 1")[0])


def _report() -> str:
    """The address of the report on deals, where it is there."""
    from django.urls import Resolver404, resolve

    for path in ("/reports/deals/", "/reports/deals", "/insight/deals/", "/reports/"):
        try:
            if resolve(path).url_name not in ("list", "record"):
                return path
        except Resolver404:
            continue
    return ""
