"""Chats and tickets: a chat becomes a ticket, or part of one that is open, and from then on the two are one conversation.

What is said in the chat stands in the ticket's talk a moment later (`support.follow_chat`), at the moment it was said: a
colleague's words answer the ticket, the visitor's are a reply. The rows of chats are another room's; they are read by the
registry.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated, Any

from django.db import transaction
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.kernel.access.actor import Actor, system
from kith.kernel.errors import Invalid, NeedsInput
from kith.kernel.jobs import enqueue
from kith.kernel.kinds import Link, Text
from kith.kernel.records.action import action
from kith.kernel.records.registry import registry
from kith.kernel.timeline.change import change
from kith.support import events
from kith.support.answering import customer_said, standing
from kith.support.models import Entry, Side, Source, Ticket, TicketState
from kith.support.opening import open_ticket
from kith.support.queries import open_ticket_of
from kith.support.routing import give
from kith.support.saying import put, seen

CHAT, JOB = "chat", "support.follow_chat"
SIDES = {"visitor": Side.THEM, "colleague": Side.US, "bot": Side.US, "note": Side.EVENT}


def first_line(text: str) -> str:
    line = next((line.strip() for line in text.splitlines() if line.strip()), "")
    return line if len(line) <= 100 else f"{line[:99]}…"


# --- which ticket


def ticket_of(conversation: int) -> Ticket | None:
    """The ticket that a chat is part of."""
    source = Source.objects.select_related("ticket__owner").filter(through=CHAT, ref=conversation).first()
    return standing(source.ticket) if source is not None else None


def chats_of(ticket: Ticket) -> list[int]:
    """The chats that are part of a ticket, those of tickets that were merged into it among them."""
    keys = Entry.objects.filter(ticket=ticket, key__startswith=f"{CHAT}:").values_list("key", flat=True)
    joined = Source.objects.filter(ticket=ticket, through=CHAT).values_list("ref", flat=True)
    return sorted({*joined, *(int(str(key).split(":")[1]) for key in keys)})


def joined_among(conversations: Collection[int]) -> set[int]:
    """Those of these chats that are part of a ticket."""
    return set(Source.objects.filter(through=CHAT, ref__in=conversations).values_list("ref", flat=True))


def hear_line(conversation: int) -> None:
    """Something was said in a chat: where it is part of a ticket, the talk follows after this transaction's commit."""
    if Source.objects.filter(through=CHAT, ref=conversation).exists():
        enqueue(JOB, key=f"{JOB}:{conversation}", conversation=conversation)


def follow_chat(conversation: int) -> None:
    """Bring the ticket of a chat up to date; again it writes nothing."""
    row = registry["conversation"].model._default_manager.select_related("person").filter(pk=conversation).first()
    if row is not None:
        with transaction.atomic():
            bring_up(row)


def bring_up(row: Any) -> None:
    """Let what was said in a chat join the ticket that it is part of; nothing where it is part of none."""
    source = (
        Source.objects.select_for_update(of=("self",)).select_related("ticket").filter(through=CHAT, ref=row.pk).first()
    )
    if source is not None:
        _copy(source.ticket, row, by=system("web", name=str(row)))


def join_chat(row: Any, ticket: Ticket, *, by: Actor) -> Ticket:
    """A chat becomes part of an open ticket, with what was said so far. Raises Invalid where it is part of another one."""
    with transaction.atomic():
        source, made = Source.objects.get_or_create(through=CHAT, ref=row.pk, defaults={"ticket": ticket})
        there = standing(source.ticket)
        if there.pk != ticket.pk:
            raise Invalid(__("This chat is part of the ticket “%s” already.") % there.subject, "ticket")
        if made:
            with change(ticket, by=by, verb="see") as c:
                c.says(events.ChatJoined(str(row), row.pk))
                c.about("conversation", row.pk)
            if c.row.owner_id is None and row.owner is not None and row.owner.is_active:
                give(c.row, row.owner, how="taken", why=__("they talk to them in the chat"), by=system("web"))
            bring_up(row)
    return Ticket.objects.get(pk=ticket.pk)


def of_chat(row: Any, *, by: Actor, subject: str = "", door: Any = None) -> Ticket:
    """The ticket of this chat, with all that was said; made once, and brought up to date when asked again."""
    lines, known = _lines(row), ticket_of(row.pk)
    first = next((line for line in lines if line.side == "visitor"), None)
    if first is None:
        raise Invalid(__("Nothing was said in this chat yet."))
    ticket = open_ticket(
        subject=subject or first_line(first.text), channel=CHAT, by=by, person=row.person, door=door, at=first.at,
        source=(CHAT, row.pk), owner_id=row.owner_id,
    )  # fmt: skip
    _copy(ticket, row, by=by, opened=known is None)
    return Ticket.objects.get(pk=standing(ticket).pk)


def _lines(row: Any) -> list[Any]:
    part = next(part for part in registry["conversation"].parts if part.key == "lines")
    return list(part.read(system(), row))


def _copy(ticket: Ticket, row: Any, *, by: Actor, opened: bool = False) -> None:
    """The lines of a chat as entries, each once: of its ticket, or of the one that was merged into. A colleague's line in it
    was our first word. opened: the ticket was just made of them, so that none is a reply."""
    keys = {f"chat:{row.pk}:{line.number}": line for line in _lines(row)}
    there = set(Entry.objects.filter(key__in=list(keys)).values_list("key", flat=True))
    fresh = [
        (key, line) for key, line in keys.items() if key not in there and SIDES.get(line.side) in (Side.THEM, Side.US)
    ]
    if not fresh:
        return
    ticket = standing(ticket)
    if there or not opened:
        _go_on(ticket, row, fresh, by=by)
        return
    with change(ticket, by=by, verb="see", at=max(line.at for _k, line in fresh)) as c:
        seen(c.row)
        for key, line in fresh:
            entry = put(c.row, SIDES[line.side], line.text, channel=CHAT, name=line.name, at=line.at, key=key,
                        person=row.person_id if line.side == "visitor" else None)  # fmt: skip
            if line.side == "colleague" and c.row.first_answered_at is None:
                _answered(c, entry)


def _go_on(ticket: Ticket, row: Any, fresh: list[tuple[str, Any]], *, by: Actor) -> None:
    """What was said after the ticket was made. Theirs is a reply as by any other way, so that clocks run and what was solved
    opens again; several lines in a row are one reply. Ours answers it."""
    last = _side_of_last(ticket, row)
    for key, line in fresh:
        if SIDES[line.side] == Side.THEM:
            # It comes to the ticket now: what was solved meanwhile was solved without it.
            at = max(line.at, ticket.solved_at or line.at)
            entry = customer_said(
                ticket, line.text, by=system("web", name=line.name or str(row)), channel=CHAT, person=row.person, at=at, key=key,
                quiet=last == Side.THEM and ticket.state in (TicketState.NEW, TicketState.OPEN), told=row.state == "open" and row.owner_id == ticket.owner_id,
            )  # fmt: skip
            if entry.ticket_id != ticket.pk:  # the one that follows it is what the chat is part of from here
                Source.objects.filter(through=CHAT, ref=row.pk).update(ticket=entry.ticket)
            ticket = entry.ticket
        else:
            with change(ticket, by=by, verb="see", at=line.at) as c:
                seen(c.row)
                entry = put(c.row, Side.US, line.text, channel=CHAT, name=line.name, at=line.at, key=key)
                if line.side == "colleague":
                    _answered(c, entry)
            ticket = c.row
        last = SIDES[line.side]


def _side_of_last(ticket: Ticket, row: Any) -> str:
    """Whose the last word in the talk is, where it was said in this chat; "" else."""
    rows = Entry.objects.filter(ticket=ticket, side__in=[Side.THEM, Side.US])
    last = rows.order_by("-at", "-pk").values("key", "side").first()
    return str(last["side"]) if last and (last["key"] or "").startswith(f"{CHAT}:{row.pk}:") else ""


def _answered(c: change, entry: Entry) -> None:
    """A colleague said it in the chat."""
    first = c.row.first_answered_at is None
    c.row.first_answered_at = c.row.first_answered_at or entry.at
    c.row.state = TicketState.OPEN if c.row.state == TicketState.NEW else c.row.state
    c.says(events.Answered(c.row.subject, entry.pk, first), name=entry.name)


@action("conversation.make_ticket", needs="ticket.create", label=_("Make a ticket of it"), icon="ticket", undo=False,
        applies=lambda row: row.archived_at is None, done=_("The ticket is there"))  # fmt: skip
def make_ticket(
    conversation: Any, *, subject: Annotated[str, Text(300), _("Subject, if not their first words")] = "", by: Actor
) -> Ticket:
    """What cannot be settled in a chat goes on as a ticket, with all that was said."""
    return of_chat(conversation, by=by, subject=subject)


@action("conversation.join_ticket", needs="ticket.edit", label=_("Make it part of their ticket"), icon="ticket", undo=False,
        applies=lambda row: row.archived_at is None, done=_("What is said here stands in the ticket too"))  # fmt: skip
def join_ticket(
    conversation: Any, *, ticket: Annotated[Any, Link("ticket"), _("Ticket, if not their open one")] = None, by: Actor
) -> Ticket:
    """The chat is about a ticket that is there: one conversation from here on, with its clocks. Raises Invalid, NeedsInput."""
    found = ticket or open_ticket_of(conversation.person_id or 0)
    if found is None:
        raise NeedsInput(__("They have no open ticket: say which one, or make one of the chat."), ("ticket",))
    return join_chat(conversation, registry["ticket"].get(by, found.pk, "edit"), by=by)
