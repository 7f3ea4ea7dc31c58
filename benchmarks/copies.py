"""The statements that multiply a told company inside the database (`journeys.py`). Names in braces are filled in for each copy."""

from __future__ import annotations

FILLED = (
    "contacts_company", "contacts_person", "deals_deal", "activities_activity", "process_journey", "process_stay",
    "timeline_event", "timeline_eventlink",
)  # fmt: skip
PACE = "(0.6 + 0.8 * (abs(hashint8(t.customer * 31 + {n})::bigint) % 1000) / 1000.0)"


def _moved(column: str) -> str:
    """The same moment nearer to now or further from it, at the pace of this copy of this customer."""
    return f"'{{now}}'::timestamptz - ('{{now}}'::timestamptz - t.{column}) * {PACE}"


def _seed(name: str, table: str, customer: str, where: str = "true", more: str = "", join: str = "") -> str:
    """The rows that are copied, with the number of their customer, which says whether the last copy still takes them."""
    return f"""CREATE TEMP TABLE seed_{name} ON COMMIT PRESERVE ROWS AS
        SELECT t.*, {customer} AS customer{more}, (SELECT c.place FROM seed_customer c WHERE c.id = {customer}) AS place
        FROM {table} t {join} WHERE {where}"""


FIRST_PERSON = "(SELECT f.id FROM first_person f WHERE f.company_id = t.company_id)"
SEEDS = (
    "DROP TABLE IF EXISTS first_person, seed_customer, seed_company, seed_person, seed_deal, seed_activity, seed_journey, seed_stay, seed_event, seed_link",
    "CREATE TEMP TABLE first_person AS SELECT company_id, min(id) AS id FROM contacts_person GROUP BY 1",
    "CREATE UNIQUE INDEX ON first_person (company_id)", "ANALYZE first_person",
    # A customer has the same place in every table, whatever it has rows in.
    """CREATE TEMP TABLE seed_customer AS SELECT company_id AS id, row_number() OVER (ORDER BY company_id) AS place
        FROM (SELECT DISTINCT company_id FROM process_journey WHERE company_id IS NOT NULL) j""",
    "CREATE UNIQUE INDEX ON seed_customer (id)", "ANALYZE seed_customer",
    _seed("company", "contacts_company", "t.id"),
    _seed("person", "contacts_person", "t.company_id", f"t.id = {FIRST_PERSON}"),
    # Of each customer one open deal and one won one.
    _seed("deal", "deals_deal", "t.company_id", more=f", {FIRST_PERSON} AS first_person", where="""t.id IN (
        SELECT min(id) FROM deals_deal WHERE status <> 'lost' GROUP BY company_id, status)"""),
    # What is still to do, and what was done in the last two days.
    _seed("activity", "activities_activity", "t.company_id", "t.done_at IS NULL OR t.done_at > now() - interval '2 days'",
          f", {FIRST_PERSON} AS first_person, (SELECT d.id FROM seed_deal d WHERE d.id = t.deal_id) AS first_deal"),
    _seed("journey", "process_journey", "t.company_id"),
    _seed("stay", "process_stay", "j.company_id", join="JOIN process_journey j ON j.id = t.journey_id"),
    _seed("event", "timeline_event", "j.company_id", "t.record = 'journey'",
          ", row_number() OVER (ORDER BY j.id, t.at, t.id) AS line", "JOIN process_journey j ON j.id = t.record_id"),
    """CREATE TEMP TABLE seed_link AS SELECT e.line, l.record, l.record_id, l.chip FROM seed_event e
        JOIN timeline_eventlink l ON l.event_id = e.id""",
    "ANALYZE seed_event", "ANALYZE seed_link",
)  # fmt: skip
COMPANY, PERSON, DEAL = "{n} * {contacts_company_step}", "{n} * {contacts_person_step}", "{n} * {deals_deal_step}"
JOURNEY = "{n} * {process_journey_step}"
THEIRS = {"owner_id": "{owner}", "team_id": "{team}"}
SOME = "FROM seed_{} t WHERE t.place <= {{most}}"
NAMED = {"name": "t.name || ' ' || {n}", "search": "t.search || ' ' || {n}"}
# (table, where its copies come from, what is different in a copy)
COPIES: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("contacts_company", SOME.format("company"), {
        **THEIRS, **NAMED, "id": f"t.id + {COMPANY}", "sort_name": "t.sort_name || ' ' || {n}", "identifiers": "'{{}}'",
        "domain": "''", "created_at": _moved("created_at"), "last_touch_at": _moved("last_touch_at")}),
    ("contacts_person", SOME.format("person"), {
        **THEIRS, "id": f"t.id + {PERSON}", "company_id": f"t.company_id + {COMPANY}", "identifiers": "'{{}}'"}),
    ("deals_deal", SOME.format("deal"), {
        **THEIRS, "id": f"t.id + {DEAL}", "company_id": f"t.company_id + {COMPANY}", "contact_id": f"t.first_person + {PERSON}",
        "stage_since": _moved("stage_since"), "last_touch_at": _moved("last_touch_at")}),
    ("activities_activity", SOME.format("activity"), {
        **THEIRS, "id": "t.id + {n} * {activities_activity_step}", "company_id": f"t.company_id + {COMPANY}",
        "person_id": f"CASE WHEN t.person_id = t.first_person THEN t.person_id + {PERSON} END", "deal_id": f"t.first_deal + {DEAL}"}),
    ("process_journey", SOME.format("journey"), {
        **THEIRS, **NAMED, "id": f"t.id + {JOURNEY}", "company_id": f"t.company_id + {COMPANY}",
        "sort_name": "t.sort_name || ' ' || {n}",
        **{c: _moved(c) for c in ("opened_at", "entered_at", "closed_at", "created_at")},
        **{c: f"{_moved('entered_at')} + (t.{c} - t.entered_at)" for c in ("due_at", "warn_at")}}),
    ("process_stay", "FROM (SELECT * FROM seed_stay t WHERE t.place <= {most} ORDER BY journey_id, entered_at, id) t", {
        "id": "nextval(pg_get_serial_sequence('process_stay', 'id'))", "journey_id": f"t.journey_id + {JOURNEY}",
        "entered_at": _moved("entered_at"), "left_at": _moved("left_at"),
        "due_at": f"{_moved('entered_at')} + (t.due_at - t.entered_at)"}),
    ("timeline_event", "FROM copied_event t", {
        "id": "t.new_id", "at": "t.moved", "record_id": f"t.record_id + {JOURNEY}", "operation": "NULL",
        "payload": """CASE WHEN coalesce(t.payload->>'due', '') = '' THEN t.payload ELSE
            jsonb_set(t.payload, '{{due}}', to_jsonb(t.moved + ((t.payload->>'due')::timestamptz - t.at))) END"""}),
    ("timeline_eventlink", "FROM copied_event e JOIN seed_link t ON t.line = e.line", {
        "id": "nextval(pg_get_serial_sequence('timeline_eventlink', 'id'))", "event_id": "e.new_id", "at": "e.moved",
        "record_id": f"t.record_id + CASE t.record WHEN 'journey' THEN {JOURNEY} ELSE {COMPANY} END"}),
)  # fmt: skip
# The events of a copy first, because their links name them.
EVENTS = (
    "DROP TABLE IF EXISTS copied_event",
    f"""CREATE TEMP TABLE copied_event AS SELECT uuidv7() AS new_id, {_moved("at")} AS moved, t.*
        FROM (SELECT * FROM seed_event WHERE place <= {{most}} ORDER BY line) t""",
)
DESKS = """
WITH new AS (
    INSERT INTO accounts_user (password, is_superuser, email, name, role, time_zone, language, preferences, is_active, created_at)
    SELECT '!', false, 'desk' || n || '@tidewell.example', p.name, 'member', 'Europe/Stockholm', 'en', '{}', true, now()
    FROM generate_series(1, %s) AS n
    JOIN (SELECT name, row_number() OVER (ORDER BY id) AS n FROM contacts_person) p USING (n) RETURNING id
), team AS (SELECT id, row_number() OVER (ORDER BY id) - 1 AS n, count(*) OVER () AS teams FROM accounts_team t
         WHERE EXISTS (SELECT 1 FROM contacts_company c WHERE c.team_id = t.id)), seat AS (
    SELECT new.id AS user_id, team.id AS team_id FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM new) new
    JOIN team ON team.n = new.n %% team.teams
), member AS (INSERT INTO accounts_team_members (user_id, team_id) SELECT user_id, team_id FROM seat)
SELECT user_id, team_id FROM seat ORDER BY user_id
"""
LAST = (
    *(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))" for table in FILLED[:5]),
    # Clocks that ran out were told when they did.
    """UPDATE process_journey SET told = CASE WHEN due_at < now() THEN 2 ELSE 1 END
        WHERE closed_at IS NULL AND (due_at < now() OR warn_at < now()) AND told = 0""",
    # Relationships that stand before onboarding are offered by a colleague, and wait for their owners.
    """INSERT INTO process_handover (journey_id, stage, giver_id, receiver_id, team_id, says, offered_at, missing,
                                     goals, stakeholders, dates, risks)
        SELECT id, 'onboard', (SELECT min(id) FROM accounts_user), owner_id, team_id, 'They expect a call.',
               entered_at, '', '', '[]', '[]', '' FROM process_journey WHERE stage = 'convert' AND closed_at IS NULL
        ON CONFLICT DO NOTHING""",  # a hand-over that waits in what was told stays
)
