"""Mails as they went to and fro, told afterwards: for a sample company. Threads, messages and events stand on their own dates;
nothing leaves.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kith.activities.events import MailReceived, MailWritten
from kith.activities.models import Message, MessageState, Thread
from kith.kernel.access.actor import Actor
from kith.kernel.timeline.write import Entry, write_events


@dataclass(frozen=True)
class ToldMail:
    """One message of a thread about a person: when, whether they wrote it, and what it says."""

    at: dt.datetime
    theirs: bool
    subject: str
    text: str


@dataclass
class ToldThread:
    """Mails to and fro with a person of a company, oldest first; `person.owner` is the colleague who writes."""

    person: Any
    company: Any
    mails: Sequence[ToldMail]
    rows: list[Message] = field(default_factory=list)


def tell_mails(told: Sequence[ToldThread], *, voices: Mapping[int, Actor], by: Actor) -> None:
    """Write these threads in the caller's transaction: ours in the name of `voices[owner's id]`, theirs by `by`, with their
    name. Whoever wants the last touches of these people right refreshes them afterwards."""
    threads = [
        Thread(subject=t.mails[0].subject, person=t.person, company=t.company, last_at=t.mails[-1].at) for t in told
    ]
    Thread.objects.bulk_create(threads)
    for one, thread in zip(told, threads, strict=True):
        for mail in one.mails:
            one.rows.append(_message(one, thread, mail))
    Message.objects.bulk_create(row for one in told for row in one.rows)
    entries: dict[int | None, list[Entry]] = {}
    for one in told:
        refs = [("person", one.person.pk), ("company", one.company.pk)]
        for mail, row in zip(one.mails, one.rows, strict=True):
            event = (MailReceived if mail.theirs else MailWritten)(row.pk, row.subject)
            name = one.person.name if mail.theirs else ""
            entry = Entry("person", one.person.pk, event, {}, refs, mail.at, name)
            entries.setdefault(row.author_id, []).append(entry)
    for author, some in entries.items():
        write_events(some, voices[author] if author is not None else by)


def _message(told: ToldThread, thread: Thread, mail: ToldMail) -> Message:
    person, owner, before = told.person, told.person.owner, told.rows[-1] if told.rows else None
    ours, theirs = (owner.name, owner.email), (person.name, person.email)
    (name, sender), (_to, receiver) = (theirs, ours) if mail.theirs else (ours, theirs)
    return Message(
        thread=thread, state=MessageState.RECEIVED if mail.theirs else MessageState.SENT, at=mail.at,
        sender=f"{name} <{sender}>", to=[receiver], subject=mail.subject, text=mail.text,
        fresh=mail.text if mail.theirs else "", author=None if mail.theirs else owner,
        message_id=f"<{thread.pk}.{len(told.rows)}@{sender.rpartition('@')[2]}>", in_reply_to=before.message_id if before else "",
        references=[*before.references, before.message_id] if before else [],
    )  # fmt: skip


def forget_threads(record: str, pks: Iterable[int] | Any) -> None:
    """Delete the mails of people or companies that never were; a thread outlives its person otherwise."""
    Thread.objects.filter(**{f"{record}__in": pks}).delete()
