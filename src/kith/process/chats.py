"""Where chats meet deals and tickets: whoever looks after somebody's open ticket, else their open deal, is asked first when they
write in the chat; and a chat about an open ticket becomes part of it."""

from __future__ import annotations

from typing import Any

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from kith.capture.chat.matters import Matter, register_matter
from kith.capture.chat.routing import register_owner
from kith.capture.chat.saying import hears_lines
from kith.kernel.access.actor import Actor, system
from kith.kernel.errors import KithError
from kith.kernel.records.registry import registry
from kith.support.chats import chats_of, hear_line, join_chat, joined_among, ticket_of
from kith.support.queries import open_ticket_of
from kith.ui.panels import Panel, register_panel

SHOWN = 5


def owner_of_ticket(person: int) -> int | None:
    """Who has their open ticket in which something was said last."""
    found = open_ticket_of(person)
    return found.owner_id if found is not None else None


def owner_of_deal(person: int) -> int | None:
    """Who looks after the open deal that was changed last: the person's own, else the one of their company's."""
    company = registry["person"].rows(system()).filter(pk=person).values("company_id")
    rows = registry["deal"].rows(system(), archived=False).filter(status="open", owner__isnull=False)
    for found in (rows.filter(contact_id=person), rows.filter(company_id__in=company)):
        owner = found.order_by(F("updated_at").desc(), "-pk").values_list("owner_id", flat=True).first()
        if owner is not None:
            return int(owner)
    return None


def matter_of(person: int) -> Matter | None:
    found = open_ticket_of(person)
    return Matter(found.pk, found.subject) if found is not None else None


def take_in(row: Any, pk: int) -> bool:
    """They said that the chat is about this ticket."""
    ticket = registry["ticket"].rows(system(), archived=False).filter(pk=pk).first()
    if ticket is None:
        return False
    try:
        join_chat(row, ticket, by=system("web", name=str(row)))
    except KithError:  # it is part of another one by now, which whoever answers sees
        return False
    return True


def mark_of(conversation: int) -> str:
    """By which an answer to the mail in which a chat goes on finds the ticket that it is part of."""
    found = ticket_of(conversation)
    return f"[#{found.pk}]" if found is not None else ""


def ticket_beside(actor: Actor, row: Any) -> dict[str, Any] | None:
    """Beside a chat: the ticket that it is part of, or the open ones of whom it is with."""
    tickets = registry["ticket"].rows(actor, archived=False).select_related("owner")
    joined = ticket_of(row.pk)
    if joined is not None:
        found = tickets.filter(pk=joined.pk).first()
        return {"joined": found, "open": [], "row": row} if found is not None else None
    if row.person_id is None:
        return None
    some = list(
        tickets.filter(person=row.person_id, state__in=("new", "open", "waiting")).order_by("-last_at", "-pk")[:SHOWN]
    )
    return {"joined": None, "open": some, "row": row, "may": actor.can("ticket.edit")} if some else None


def chats_beside(actor: Actor, ticket: Any) -> dict[str, Any] | None:
    """Beside a ticket: the chats that are part of it, and the one that whoever it is from is in just now."""
    rows = registry["conversation"].rows(actor, archived=False).select_related("owner")
    joined = list(rows.filter(pk__in=chats_of(ticket)).order_by("-last_at", "-pk")[:SHOWN])
    talks = rows.filter(person=ticket.person_id or 0, state__in=("bot", "waiting", "open")).order_by("-last_at", "-pk")
    some = list(talks[:SHOWN])
    elsewhere = joined_among([one.pk for one in some])
    going_on = [one for one in some if one.pk not in elsewhere]
    if not (joined or going_on):
        return None
    return {
        "joined": joined,
        "going_on": going_on,
        "ticket": ticket,
        "may": actor.can("ticket.edit") and ticket.awaits_step,
    }


def join() -> None:
    """Called once at start-up."""
    register_owner(_("they have the open ticket"), owner_of_ticket)
    register_owner(_("they look after the open deal"), owner_of_deal)
    register_matter(matter_of, take_in, mark_of)
    hears_lines(hear_line)
    register_panel(
        Panel(
            "ticket",
            _("Their ticket"),
            "process/chat_ticket.html",
            ticket_beside,
            depends_on=("ticket",),
            order=6,
            lazy=True,
        ),
        on="conversation",
    )
    register_panel(
        Panel(
            "chats",
            _("In the chat"),
            "process/ticket_chats.html",
            chats_beside,
            depends_on=("conversation",),
            order=6,
            lazy=True,
        ),
        on="ticket",
    )
