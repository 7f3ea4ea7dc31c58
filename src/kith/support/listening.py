"""Other rooms and tickets: a form that opens one, a chat one is made of, business hours that change. They know nothing of it."""

from __future__ import annotations

from typing import Annotated, Any

from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.kernel.access.actor import Actor, system
from kith.kernel.errors import Invalid
from kith.kernel.jobs import enqueue
from kith.kernel.kinds import Text
from kith.kernel.records.action import action
from kith.kernel.records.registry import registry
from kith.kernel.timeline.change import change
from kith.support import events
from kith.support.answering import customer_said, standing
from kith.support.house import doors
from kith.support.models import Entry, Side, Source, Through, Ticket, TicketState
from kith.support.opening import open_ticket
from kith.support.saying import put, seen

FORM, CHAT = "form", "chat"
SUBMITTED, ENDED = "form.submitted", "conversation.closed"
HOURS = "business_calendar."
SIDES = {"visitor": Side.THEM, "colleague": Side.US, "bot": Side.US, "note": Side.EVENT}


def handles(verb: str) -> bool:
    return verb in (SUBMITTED, ENDED) or verb.startswith(HOURS)


def hear(entries: list[Any], by: Actor) -> None:
    """Open tickets for what was sent by forms that are a way in, and for chats that ended at one."""
    for entry in entries:
        verb = entry.says.verb_for(entry.record)
        if verb == SUBMITTED:
            _sent(entry)
        elif verb.startswith(HOURS):
            enqueue("support.follow_all", key="support.follow_all")  # what runs counts by the hours as they are now
        elif doors(Through.CHAT) or Source.objects.filter(through=CHAT, ref=entry.record_id).exists():
            _ended(entry.record_id)


def _sent(entry: Any) -> None:
    known = doors(Through.FORM)
    form = registry["form"].model._default_manager.filter(pk=entry.says.form_id or 0).first() if known else None
    door = known.get(str(getattr(form, "key", "")).lower()) if form is not None else None
    if door is None or entry.record != "person":
        return
    person = registry["person"].model._default_manager.select_related("company").filter(pk=entry.record_id).first()
    sent = registry["submission"].model._default_manager.filter(pk=entry.says.submission).first()
    text = (getattr(sent, "reason", "") or entry.says.reason or "").strip()
    open_ticket(
        subject=_first_line(text) or entry.says.form, text=text or entry.says.form, channel=FORM, by=system("web", name=str(person)),
        person=person, door=door, at=entry.at, source=(FORM, entry.says.submission),
    )  # fmt: skip


def _first_line(text: str) -> str:
    line = next((line.strip() for line in text.splitlines() if line.strip()), "")
    return line if len(line) <= 100 else f"{line[:99]}…"


def _ended(pk: int) -> None:
    """A chat that ended: what was said since its ticket was made joins it; at a way in, the ticket is made now."""
    row = registry["conversation"].model._default_manager.select_related("person", "widget").filter(pk=pk).first()
    if row is None:
        return
    door = doors(Through.CHAT).get(str(getattr(row.widget, "key", "")).lower())
    if door is not None and row.person_id is not None:
        of_chat(row, by=system("web", name=str(row)), door=door)
    elif (source := Source.objects.select_related("ticket").filter(through=CHAT, ref=pk).first()) is not None:
        _copy(source.ticket, row, by=system("web", name=str(row)))


def of_chat(row: Any, *, by: Actor, subject: str = "", door: Any = None) -> Ticket:
    """The ticket of this chat, with all that was said; made once, and brought up to date when asked again."""
    lines = _lines(row)
    first = next((line for line in lines if line.side == "visitor"), None)
    if first is None:
        raise Invalid(__("Nothing was said in this chat yet."))
    ticket = open_ticket(
        subject=subject or _first_line(first.text), channel=CHAT, by=by, person=row.person, door=door, at=first.at,
        source=(CHAT, row.pk), owner_id=row.owner_id,
    )  # fmt: skip
    _copy(ticket, row, by=by)
    return Ticket.objects.get(pk=standing(ticket).pk)


def _lines(row: Any) -> list[Any]:
    part = next(part for part in registry["conversation"].parts if part.key == "lines")
    return list(part.read(system(), row))


def _copy(ticket: Ticket, row: Any, *, by: Actor) -> None:
    """The lines of a chat as entries, each once: of its ticket, or of the one that was merged into. A colleague's line in it
    was our first word."""
    keys = {f"chat:{row.pk}:{line.number}": line for line in _lines(row)}
    there = set(Entry.objects.filter(key__in=list(keys)).values_list("key", flat=True))
    fresh = [
        (key, line) for key, line in keys.items() if key not in there and SIDES.get(line.side) in (Side.THEM, Side.US)
    ]
    if not fresh:
        return
    ticket = standing(ticket)
    if there:
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
    last = ""
    for key, line in fresh:
        if SIDES[line.side] == Side.THEM:
            # It comes to the ticket now that the chat is over: what was solved meanwhile was solved without it.
            at = max(line.at, ticket.solved_at or line.at)
            entry = customer_said(
                ticket, line.text, by=system("web", name=line.name or str(row)), channel=CHAT, person=row.person, at=at, key=key,
                quiet=last == line.side,
            )  # fmt: skip
            ticket = entry.ticket
        else:
            with change(ticket, by=by, verb="see", at=line.at) as c:
                seen(c.row)
                entry = put(c.row, Side.US, line.text, channel=CHAT, name=line.name, at=line.at, key=key)
                if line.side == "colleague":
                    _answered(c, entry)
            ticket = c.row
        last = line.side


def _answered(c: change, entry: Entry) -> None:
    """A colleague said it in the chat."""
    first = c.row.first_answered_at is None
    c.row.first_answered_at = c.row.first_answered_at or entry.at
    c.row.state = TicketState.OPEN if c.row.state == TicketState.NEW else c.row.state
    c.says(events.Answered(c.row.subject, entry.pk, first))


@action("conversation.make_ticket", needs="ticket.create", label=_("Make a ticket of it"), icon="ticket", undo=False,
        applies=lambda row: row.archived_at is None, done=_("The ticket is there"))  # fmt: skip
def make_ticket(
    conversation: Any, *, subject: Annotated[str, Text(300), _("Subject, if not their first words")] = "", by: Actor
) -> Ticket:
    """What cannot be settled in a chat goes on as a ticket, with all that was said."""
    return of_chat(conversation, by=by, subject=subject)
