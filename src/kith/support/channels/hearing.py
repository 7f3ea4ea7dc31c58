"""What somebody wrote by a channel: it joins their ticket, or opens one, as a mail would.

They go on with the ticket in which they wrote by this channel last, as long as a reply may open it again; else with the one
thing that they have open, whatever way it came. After that a new one follows.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from kith.contacts.arriving import Newcomer, come
from kith.contacts.identify import phone_identifier
from kith.kernel.access.actor import Actor, system
from kith.kernel.errors import Invalid
from kith.kernel.kinds.phones import normalise
from kith.kernel.records.registry import registry
from kith.kernel.timeline.change import change
from kith.support.answering import customer_said, may_reopen, standing
from kith.support.channels.models import PHONES, Channel, Passage, Passed, Service, Writer
from kith.support.chats import first_line
from kith.support.models import UNSOLVED, Entry, Side, Ticket
from kith.support.opening import open_ticket
from kith.support.saying import known

WAY = "channel"  # as which strangers come, see `contacts.arriving`


@dataclass(frozen=True)
class Heard:
    """A message as a gateway tells it: `ref` is the service's own id of it."""

    ref: str
    sender: str
    name: str
    text: str


def handle_of(channel: Channel, sender: str) -> str:
    """Who it is, in one form: "whatsapp:+49 30 1234567" and "49301234567" are one."""
    if channel.kind in PHONES:
        plain = sender.rpartition(":")[2].strip()
        plain = f"+{plain[2:]}" if plain.startswith("00") else plain
        digits = plain.replace(" ", "")
        # WhatsApp writes whole numbers without their plus; others may mean one of the organisation's own country.
        tries = [f"+{digits}", plain] if channel.kind == Service.WHATSAPP else [plain, f"+{digits}"]
        for text in tries if digits.isdecimal() and digits[:1] != "0" else [plain]:
            try:
                return normalise(text).partition(";")[0]
            except Invalid:
                continue
    return sender.strip().removeprefix("@").lower()


def hear(channel: Channel, heard: Heard) -> Ticket:
    """The ticket that it stands in; told twice, it stands there once."""
    with transaction.atomic():
        writer, new = _writer(channel, heard)
        key = f"channel:{writer.pk}:{hashlib.sha256(heard.ref.encode()).hexdigest()[:40]}"
        if (there := known(key)) is not None:
            return there.ticket
        person = _person(writer)
        by = system("api", name=str(person or writer))
        said: dict[str, Any] = {"text": heard.text, "subject": first_line(heard.text), "channel": channel.kind, "by": by,
                                "person": person, "key": key, "fresh": True, "at": timezone.now()}  # fmt: skip
        ticket = _going_on(writer, person, said["at"])
        if ticket is not None:
            entry = customer_said(ticket, **said)
        else:
            entry = open_ticket(**said).entries.latest("pk")
        Passed.objects.create(entry=entry, writer=writer, state=Passage.CAME)
        if person is None and new:
            phone = writer.number
            name = writer.name or ("" if phone else writer.address)
            come(Newcomer(WAY, writer.pk, name, "", phone, source=channel.name, text=heard.text), by=by)
    return entry.ticket


def _writer(channel: Channel, heard: Heard) -> tuple[Writer, bool]:
    """(who writes, held until the end of the transaction so that what they send at once comes one by one; whether they are new)"""
    handle = handle_of(channel, heard.sender)
    found, new = Writer.objects.get_or_create(
        channel=channel, handle=handle, defaults={"address": heard.sender, "name": heard.name}
    )
    row = Writer.objects.select_for_update(of=("self",)).select_related("channel", "person__company").get(pk=found.pk)
    if row.address != heard.sender or (heard.name and row.name != heard.name):
        row.address, row.name = heard.sender, heard.name or row.name
        row.save(update_fields=["address", "name"])
    return row, new


def _person(writer: Writer) -> Any:
    """Who that is: whoever they were taken for before, else the one person with this number."""
    if writer.person is not None and writer.person.archived_at is None:
        return writer.person
    if not writer.number:
        return None
    people = registry["person"].rows(system(), archived=False).select_related("company")
    found = list(people.filter(identifiers__contains=[phone_identifier(writer.number)])[:2])
    if len(found) != 1:  # of several, a colleague says who it is
        return None
    writer.person = found[0]
    writer.save(update_fields=["person"])
    return found[0]


def _going_on(writer: Writer, person: Any, at: Any) -> Ticket | None:
    last = (
        Entry.objects.filter(passed__writer=writer)
        .select_related("ticket__person", "ticket__owner").order_by("-at", "-pk").first()
    )  # fmt: skip
    ticket = standing(last.ticket) if last is not None else None
    if ticket is not None and may_reopen(ticket, at):
        return ticket
    if person is not None:
        rows = list(Ticket.objects.filter(UNSOLVED, person=person).select_related("person", "owner")[:2])
        if len(rows) == 1:
            return rows[0]
    return ticket


def taken(ref: int, person: Any, by: Actor) -> None:
    """A stranger who wrote is somebody now: what they wrote is theirs, and their tickets, unless these are somebody else's."""
    Writer.objects.filter(pk=ref).update(person=person)
    Entry.objects.filter(passed__writer=ref, side=Side.THEM).update(person=person)
    for ticket in Ticket.objects.filter(entries__passed__writer=ref, person=None).distinct().order_by("pk"):
        with change(ticket, by=system("api"), verb="see") as c:
            c.row.person, c.row.company = person, c.row.company or person.company
