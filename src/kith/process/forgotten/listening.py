"""Which changes make a row worth looking at again: owners, links, what opens and what closes.

A row depends on its own columns, on the journey and the deals that are about it, on the activities about it (those come
through `timeline.followup`), and on whether colleagues are at work. Rows that other rows' events are about may be held by
somebody else at that moment; waiting for them could end in a deadlock, so those are looked at by a job a moment later.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db import connection

from kith.kernel.access.actor import Actor
from kith.kernel.jobs import enqueue
from kith.kernel.timeline.write import Entry
from kith.process.forgotten.looking import RECORDS, Ref, look, look_at_care_of
from kith.support.clocks.keeping import VERBS

SETTLED = "journey.created"  # its customer is held already by whoever opened it
FRESH = frozenset({"company.created", "person.created"})  # nothing is about them yet; their journey will say
OPENS_OR_ENDS = frozenset(
    (
        *(f"{record}.{past}" for record in RECORDS for past in ("archived", "restored", "merged")),
        "ticket.created", "deal.created", "deal.won", "deal.lost", "deal.reopened",
        *(f"journey.{past}" for past in ("created", "moved", "closed", "reopened", "version_changed", "archived", "restored")),
    )
)  # fmt: skip
CUSTOMER = ("customer_since", "customer_until")
TELLING = {
    "deal": frozenset({"owner", "company", "contact", "status"}), "company": frozenset({"owner", *CUSTOMER}),
    "person": frozenset({"owner", "company", *CUSTOMER}), "ticket": frozenset({"owner", "state"}),
    "journey": frozenset({"company", "person", "stage", "held_to", "closed_at"}),
}  # fmt: skip
STEPPED = frozenset(VERBS)  # their next step was just worked out, and they were looked at with it
MOMENT = dt.timedelta(minutes=1)
COLLEAGUES = frozenset({"user.deactivated", "user.reactivated"})
LOCK = """
WITH c AS (SELECT id FROM contacts_company WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE {skip}),
     p AS (SELECT id FROM contacts_person WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE {skip})
SELECT 'company', id FROM c UNION ALL SELECT 'person', id FROM p
"""


def handles(verb: str) -> bool:
    return verb in COLLEAGUES or verb.partition(".")[0] in TELLING


def hear(entries: list[Entry], by: Actor) -> None:
    """Look at what these events concern: one statement for all of them, two where they are about other rows."""
    for entry in entries:
        if entry.says.verb_for(entry.record) in COLLEAGUES:
            look_at_care_of(entry.record_id)
            enqueue("forgotten.care", at=MOMENT, user=entry.record_id)  # for those who read the old state a moment ago
    telling = [e for e in entries if _tells(e)]
    own = {(e.record, e.record_id) for e in telling if e.record in RECORDS}
    others = {ref for e in telling if e.record in ("deal", "journey") for ref in e.about if ref[0] in RECORDS} - own
    if any(e.says.verb_for(e.record) != SETTLED for e in telling):
        _later(others - _held(others))
    look(own | others)


def _tells(entry: Entry) -> bool:
    verb, keys = entry.says.verb_for(entry.record), TELLING.get(entry.record, frozenset())
    if verb in STEPPED:
        return False
    if verb in FRESH:  # made as a customer, by a file that says since when
        return CUSTOMER[0] in entry.changes
    return verb in OPENS_OR_ENDS or not keys.isdisjoint(entry.changes)


def _held(refs: Iterable[Ref], skip: str = "SKIP LOCKED") -> set[Ref]:
    """Those of these companies and people that nobody else is writing, held until the transaction ends."""
    wanted = set(refs)
    if not wanted:
        return set()
    ids = [sorted(pk for record, pk in wanted if record == name) for name in ("company", "person")]
    with connection.cursor() as cursor:
        cursor.execute(LOCK.format(skip=skip), ids)
        return set(cursor.fetchall())


def wait_for(refs: Iterable[Ref]) -> None:
    """Hold these rows, waiting for whoever writes them."""
    _held(refs, skip="")


def _later(refs: set[Ref]) -> None:
    if refs:
        enqueue("forgotten.look", refs=sorted(refs))
