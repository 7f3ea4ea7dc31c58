"""Writing into a ticket's talk: entries, and what the row itself repeats of them. Called inside a `change` of the ticket."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from kith.kernel.access.actor import Actor
from kith.kernel.database.notify import announce
from kith.kernel.errors import Invalid
from kith.kernel.text import brief, clean_text
from kith.support.models import Entry, EntryFile, Side, Ticket

LONGEST = 100_000  # characters of an entry


def tidy(text: str, field: str = "body") -> str:
    """The words as they are kept. Raises Invalid where there are none, or too many."""
    text = clean_text(text).replace("\r\n", "\n").strip()
    if not text:
        raise Invalid(_("Write something first."), field)
    if len(text) > LONGEST:
        raise Invalid(_("This is too long: at most %s characters fit here.") % LONGEST, field)
    return text


def put(
    ticket: Ticket, side: str, text: str, *, by: Actor | None = None, channel: str = "", person: int | None = None,
    name: str = "", message: int | None = None, at: dt.datetime | None = None, key: str | None = None,
    files: Sequence[Any] = (),
) -> Entry:  # fmt: skip
    """One more entry; `ticket` is held and saved by the caller, who says what happened, or tells open pages (`seen`). files:
    stored files that belong to it."""
    moment = at or timezone.now()
    entry = Entry.objects.create(
        ticket=ticket, at=moment, side=side, channel=channel, text=text[:LONGEST], person_id=person, message_id=message,
        author_id=by.user_id if by else None, name=(name or (by.name if by else ""))[:200], key=key,
    )  # fmt: skip
    attach(entry, files)
    ticket.said += 1
    if side in (Side.THEM, Side.US) and (ticket.last_at is None or moment >= ticket.last_at):
        ticket.last_at, ticket.last_side, ticket.last_words = moment, side, brief(text, 280)
    return entry


def attach(entry: Entry, files: Sequence[Any]) -> None:
    """Stored files that came or went with an entry."""
    if files:
        EntryFile.objects.bulk_create([EntryFile(entry=entry, file=one, name=one.name[:255]) for one in files])


def seen(ticket: Ticket) -> None:
    """Tell open pages that there is more in a talk, where nothing is said about it."""
    announce(["ticket", f"ticket:{ticket.pk}"])


def known(key: str | None) -> Entry | None:
    """The entry that was written under this key before."""
    return Entry.objects.select_related("ticket").filter(key=key).first() if key else None
