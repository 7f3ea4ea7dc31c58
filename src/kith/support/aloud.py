"""A ticket's talk as its customer has it: what they and we said to each other, and the files that came with it.

Notes for colleagues, and files that colleagues put with a ticket for themselves, are none of it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from kith.kernel.access.actor import Actor
from kith.kernel.files.storage import store
from kith.support.answering import answer_ticket
from kith.support.models import Entry, EntryFile, Side, Ticket
from kith.support.opening import open_ticket
from kith.support.saying import attach

ALOUD = (Side.THEM, Side.US)
MOST = 500  # entries that are shown


@dataclass(frozen=True)
class Said:
    """`ours`: by one of us; `files`: stored files, without those that are gone."""

    at: dt.datetime
    who: str
    ours: bool
    text: str
    files: tuple[Any, ...] = ()


def said_aloud(ticket: Ticket) -> list[Said]:
    """What was said between them and us, the oldest first: the last so many entries. Two queries."""
    rows = Entry.objects.filter(ticket=ticket, side__in=ALOUD).select_related("author", "person")
    entries = list(reversed(rows.order_by("-at", "-pk")[:MOST]))
    files: dict[int, list[Any]] = {}
    for one in files_aloud(Ticket.objects.filter(pk=ticket.pk)).select_related("file"):
        files.setdefault(one.entry_id, []).append(one.file)
    return [
        Said(e.at, str(e.author or e.person or e.name or _("Somebody")), e.side == Side.US, e.text, tuple(files.get(e.pk, ())))
        for e in entries
    ]  # fmt: skip


def files_aloud(tickets: QuerySet[Any]) -> QuerySet[EntryFile]:
    """Files that came or went with what was said in these tickets."""
    return EntryFile.objects.filter(
        entry__ticket__in=tickets.values("pk"), entry__side__in=ALOUD, file__isnull=False, file__archived_at=None
    )


def open_aloud(person: Any, subject: str, text: str, uploads: Sequence[Any], *, channel: str, by: Actor) -> Ticket:
    """A ticket in a customer's own words, with their files; all or nothing. Raises Invalid for a file that is not taken."""
    with transaction.atomic():
        ticket = open_ticket(subject=subject, text=text, channel=channel, by=by, person=person)
        entry = ticket.entries.order_by("pk").first()
        kept = _stored(ticket, uploads, by)
        if entry is not None:
            attach(entry, kept)
    return ticket


def answer_aloud(person: Any, ticket: Ticket, text: str, uploads: Sequence[Any], *, by: Actor) -> Entry:
    """A customer's line in their ticket, with their files; all or nothing. Raises Invalid."""
    with transaction.atomic():
        return answer_ticket(ticket, text, person=person, by=by, files=_stored(ticket, uploads, by))


def _stored(ticket: Ticket, uploads: Sequence[Any], by: Actor) -> list[Any]:
    return [store(one, record_type="ticket", record_id=ticket.pk, by=by) for one in uploads]
