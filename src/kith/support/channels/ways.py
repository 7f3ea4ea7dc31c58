"""Which way an answer takes: by mail, or by the channel by which the customer wrote last. Nothing is read where no channel is."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from kith.kernel.errors import Invalid
from kith.kernel.organisation.models import cached
from kith.support.channels.models import Channel, Passed, Writer
from kith.support.models import UNSOLVED, Entry, Side, Ticket

MAIL, CHANNEL = WAYS = ("mail", "channel")


def in_use() -> bool:
    """Is there any channel?"""
    found: bool = cached(
        "support:channels", lambda: Channel.objects.filter(archived_at=None, active=True).exists(), ("channel",)
    )
    return found


def last_writer(ticket: Ticket, person: Any = None) -> tuple[Writer, bool] | None:
    """(who wrote by a channel last that answers go out by, whether they have written by no other way since); of what this person
    wrote, where one is named."""
    if not in_use():
        return None
    theirs = Entry.objects.filter(ticket=ticket, side=Side.THEM, **({"person": person} if person is not None else {}))
    found: Any = (
        Passed.objects.filter(entry__in=theirs, writer__channel__active=True)
        .filter(writer__channel__archived_at=None).exclude(writer__channel__gateway="")
        .select_related("writer__channel").order_by("-entry__at", "-entry__pk").first()
    )  # fmt: skip
    if found is None:
        return None
    last = theirs.order_by("-at", "-pk").values_list("pk", flat=True).first()
    return found.writer, last == found.entry_id


def way_out(ticket: Ticket, way: str, mail_to: str) -> Writer | None:
    """To whom an answer goes by a channel; None for by mail. way: what was chosen, "" for as they wrote last. Raises Invalid."""
    found = last_writer(ticket) if way != MAIL else None
    if found is None:
        if way == CHANNEL:
            raise Invalid(_("They wrote by no channel by which an answer could leave."), "way")
        return None
    writer, latest = found
    return writer if way == CHANNEL or latest or not mail_to else None


def same_matter(person: Any) -> list[Ticket]:
    """Somebody who wrote by a channel goes on by mail, which answers nothing of ours: the one thing that they have open. With
    several, nobody knows which is meant."""
    if person is None or not in_use():
        return []
    rows = list(Ticket.objects.filter(UNSOLVED, person=person).select_related("person", "owner")[:2])
    return rows if len(rows) == 1 and Passed.objects.filter(entry__ticket=rows[0]).exists() else []
