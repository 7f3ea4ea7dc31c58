"""Batches of a mailing: taken up, marked when done, and put right after a worker died.

Exactly once, and what that means. A batch is taken in one transaction that asks the gates and marks its rows as being
handed over, each with its place. Before each mail the worker writes its place into the batch; so whatever kills it, the
rows before that place were taken by the mail server, those after it were never begun and wait again, and the one at that
place is in doubt: the server may have taken it. Nothing can tell, since the server's "250" and our note of it are two
machines' words. It is not sent again, and is shown as in doubt: one mail at most for each time a worker is killed.

The note of the place does not wait for the disk. A killed worker loses none of them; a database that crashed may have lost
the last ones, so that after one every row that was not noted as taken is in doubt.
"""

from __future__ import annotations

import datetime as dt
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from typing import Any

from django.core.mail import EmailMultiAlternatives
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from kith.engagement.events import MailingReached
from kith.engagement.mailings.audience import outreach_of, reasons
from kith.engagement.mailings.mails import Envelope, message_of
from kith.engagement.mailings.printing import Blank, Press
from kith.engagement.models import TAKEN, Batch, Held, Mailing, Recipient, RecipientState
from kith.engagement.tracking.marking import note_recipients, tracked
from kith.kernel.access.actor import Actor
from kith.kernel.database.alone import alone as alone_at
from kith.kernel.mail.clearing import Clearance, Receiver, clear
from kith.kernel.timeline.write import Entry, write_events

Fate = tuple[str, str, str]  # state, reason, why


@dataclass
class Hand:
    """A batch in a worker's hand: its mails in the order in which they leave, and what the gates said of them."""

    batch: Batch
    mails: list[tuple[Recipient, EmailMultiAlternatives]]
    clearance: Clearance
    fates: dict[int, Fate] = field(default_factory=dict)  # of rows that were not simply sent, by id

    @property
    def begun(self) -> int:
        return self.batch.place


def alone(mailing: int) -> AbstractContextManager[bool]:
    """Whether this worker alone sends the mailing."""
    return alone_at(f"mailing:{mailing}")


def waiting(mailing: Mailing, now: dt.datetime) -> Any:
    """Those still to be written to, whose turn it is."""
    rows = Recipient.objects.filter(mailing=mailing, state=RecipientState.WAITING)
    return rows.filter(Q(at__isnull=True) | Q(at__lte=now))


def take(mailing: Mailing, press: Press, envelope: Envelope, size: int, zones: list[str] | None) -> Hand | int:
    """The next batch with its mails, or how many rows were settled without any to send (0: none is left). zones: only
    people there, None for everywhere."""
    with transaction.atomic():
        rows = waiting(mailing, timezone.now())
        if zones is not None:
            rows = rows.filter(zone__in=zones)
        picked = list(rows.select_for_update(skip_locked=True).order_by("id")[:size])
        if not picked:
            return 0
        mails, fates, clearance = _set(picked, mailing, press, envelope)
        _write_fates(fates)
        if not mails:
            return len(picked)
        batch = Batch.objects.create(mailing=mailing)
        _mark(batch, [row for row, _mail in mails])
    return Hand(batch, mails, clearance)


def _set(
    picked: list[Recipient], mailing: Mailing, press: Press, envelope: Envelope
) -> tuple[list[tuple[Recipient, EmailMultiAlternatives]], dict[int, Fate], Clearance]:
    """Their mails, and what becomes of those who get none. Of those who share an address the first that may be written to
    gets it, the others are looked at in a later batch."""
    people = press.people([row.person_id for row in picked])
    fates: dict[int, Fate] = {}
    asked: dict[str, Recipient] = {}
    for row in picked:
        person = people.get(row.person_id)
        if person is None:
            fates[row.pk] = (RecipientState.HELD, Held.GONE, "")
            continue
        row.address = person.email.strip().lower()
        if not row.address:
            fates[row.pk] = (RecipientState.HELD, Held.NO_ADDRESS, "")
        else:
            asked.setdefault(row.address, row)
    taken = Recipient.objects.filter(mailing=mailing, address__in=list(asked), state__in=TAKEN)
    for address in taken.values_list("address", flat=True):
        fates[asked.pop(address).pk] = (RecipientState.HELD, Held.SAME_ADDRESS, "")
    letters: dict[str, Any] = {}
    for address, row in list(asked.items()):
        try:
            letters[address] = press.letter(people[row.person_id], address, row.language, envelope.ref)
        except Blank as problem:
            fates[row.pk] = (RecipientState.HELD, Held.BLANK, problem.message[:300])
            del asked[address]
    found = clear([Receiver(a, row.person_id) for a, row in asked.items()], mailing.purpose.key, outreach_of(mailing))
    why = reasons([Receiver(a, asked[a].person_id) for a in found.refused], mailing.purpose.key)
    fates |= {asked[a].pk: (RecipientState.HELD, why[a], found.refused[a][:300]) for a in found.refused}
    fates |= {asked[a].pk: (RecipientState.HELD, Held.BUDGET, later.why[:300]) for a, later in found.later.items()}
    passed = {a: row for a, row in asked.items() if a in found.passed}
    marks = note_recipients(mailing, passed.values())
    mails = []
    for a, row in passed.items():
        letter = letters[a]
        if row.pk in marks:
            letter = replace(letter, html=tracked(letter.html, marks[row.pk]))
        mails.append((row, message_of(letter, row, people[row.person_id], envelope)))
    return mails, fates, found


def _mark(batch: Batch, rows: list[Recipient]) -> None:
    """They are in this hand now, each at its place from 1."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE engagement_recipient r SET state = %s, batch = %s, place = t.place, address = t.address, at = NULL"
            " FROM unnest(%s::bigint[], %s::text[]) WITH ORDINALITY AS t (id, address, place) WHERE r.id = t.id",
            [RecipientState.HANDING.value, batch.pk, [row.pk for row in rows], [row.address for row in rows]],
        )


def _write_fates(fates: dict[int, Fate], *, retry_at: dt.datetime | None = None) -> None:
    if not fates:
        return
    states, why_keys, whys = zip(*fates.values(), strict=True)
    again = RecipientState.WAITING.value
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE engagement_recipient r SET state = t.state, reason = t.reason, why = t.why, batch = NULL, place = NULL,"
            " at = CASE WHEN t.state = %s THEN %s ELSE now() END, tries = r.tries + (t.state = %s)::int"
            " FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[]) AS t (id, state, reason, why) WHERE r.id = t.id",
            [again, retry_at, again, list(fates), [str(s) for s in states], [str(k) for k in why_keys], list(whys)],
        )


def step(hand: Hand, cursor: Any = None) -> None:
    """The next mail is about to be handed over: written down first. cursor: an open one, for many in a row."""
    hand.batch.place += 1
    with nullcontext(cursor) if cursor is not None else connection.cursor() as writing:
        writing.execute("UPDATE engagement_batch SET place = %s WHERE id = %s", [hand.batch.place, hand.batch.pk])
        if not writing.rowcount:
            raise RuntimeError("Another worker has put this batch right meanwhile.")


def close(hand: Hand, mailing: Mailing, by: Actor, *, retry_at: dt.datetime | None = None) -> int:
    """Note what became of a batch, as far as it was begun; what was not begun waits again. Returns how many were sent.
    retry_at: when those are tried again whom the server put off."""
    with transaction.atomic():
        _write_fates(hand.fates, retry_at=retry_at)
        return _settle(hand.batch, mailing, by, taken=hand.begun, doubtful=range(0))


def recover(mailing: Mailing, by: Actor) -> int:
    """Put right what a worker that died had in hand; returns how many are in doubt. Only for whoever is `alone`."""
    doubtful = 0
    for batch in Batch.objects.filter(mailing=mailing):
        with transaction.atomic():
            last = 10**9 if _database_restarted(batch.at) else batch.place
            places = range(max(batch.place, 1), last + 1) if last else range(0)
            _settle(batch, mailing, by, taken=batch.place - 1, doubtful=places)
            doubtful += Recipient.objects.filter(mailing=mailing, batch=batch.pk, state=RecipientState.DOUBT).count()
    return doubtful


def _database_restarted(since: dt.datetime) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_postmaster_start_time() > %s", [since])
        return bool(cursor.fetchone()[0])


def _settle(batch: Batch, mailing: Mailing, by: Actor, *, taken: int, doubtful: range) -> int:
    """Rows of a batch by their place: taken up to one, in doubt, and waiting again; with the events of those sent."""
    rows = Recipient.objects.filter(mailing=mailing, batch=batch.pk, state=RecipientState.HANDING)
    now = timezone.now()
    if doubtful:
        rows.filter(place__gte=doubtful[0], place__lte=doubtful[-1]).update(state=RecipientState.DOUBT, at=now)
    rows.filter(place__gt=taken).update(state=RecipientState.WAITING, batch=None, place=None)
    people = list(rows.order_by("place").values_list("person_id", flat=True))
    rows.update(state=RecipientState.SENT, at=now)
    assets = tuple(pk for pk, _name in mailing.frozen.get("assets", ()))
    said = MailingReached(mailing.pk, mailing.name, mailing.campaign_id, assets)
    write_events([Entry("person", pk, said) for pk in people], by)
    batch.delete()
    return len(people)
