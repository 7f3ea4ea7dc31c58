"""Verbs of tickets. What a customer read already is not taken back; everything else is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Annotated, Any
from uuid import uuid4

from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.activities.mentions import mentioned
from kith.activities.notices import notify
from kith.kernel.access.actor import Actor
from kith.kernel.accounts.models import User
from kith.kernel.errors import Invalid
from kith.kernel.files.models import StoredFile
from kith.kernel.kinds import Bool, Choice, Colleague, Duration, LongText, Moment, Text
from kith.kernel.kinds.link import Link
from kith.kernel.records.action import GIVEN, action
from kith.kernel.timeline.change import change
from kith.kernel.timeline.sides import Sides
from kith.support import answering, events, ready
from kith.support.calling import log_call
from kith.support.kinds import FileIds
from kith.support.models import Entry, Side, Ticket, TicketChannel, TicketState
from kith.support.routing import NOTICE, give
from kith.support.saying import put, tidy
from kith.support.splitting import leave_larger, make_part, solve_all, split

BY = {"mail": _("mail"), "channel": _("the channel they wrote by")}
THEN = {"wait": _("wait for them"), "solve": _("solve it")}


def _unsolved(row: Any) -> bool:
    return row.archived_at is None and row.awaits_step


def _over(row: Any) -> bool:
    return row.archived_at is None and not row.awaits_step


def _here(row: Any) -> bool:
    return row.archived_at is None


@action(
    "ticket.answer", needs="ticket.edit", label=_("Answer"), icon="send", undo=False, applies=_here, done=_("Answered")
)
def answer(
    ticket: Ticket, *, body: Annotated[str, LongText(), _("Answer")],
    then: Annotated[str, Choice(THEN, none=_("leave it open")), _("Then")] = "",
    cause: Annotated[str, Text(200), _("Cause")] = "",
    ready_answer: Annotated[Any, Link("reply"), _("Ready answer")] = None,
    alone: Annotated[bool, Bool(), _("Without those who had theirs in copy")] = False,
    way: Annotated[str, Choice(BY, none=_("as they wrote last")), _("By")] = "",
    files: Annotated[list[int], FileIds(), GIVEN, _("Files that stand with the ticket")] = (), by: Actor,  # type: ignore[assignment]
) -> Ticket:  # fmt: skip
    """Write to the customer; `ready_answer` does what that one does besides its words; `files`: ids of files of this ticket."""
    if ready_answer is not None:
        then = then or ready_answer.then
        ready.put_on(ticket, ready_answer, by=by)
    text = ready.fill(body, ticket, by=by)
    answering.answer(
        ticket,
        text,
        by=by,
        then=then,
        cause=cause,
        files=_standing_with(ticket, files),
        copies=[] if alone else None,
        way=way,
    )
    return Ticket.objects.get(pk=ticket.pk)


def _standing_with(ticket: Ticket, ids: Sequence[int]) -> list[StoredFile]:
    """These files, in the order they were named. Raises Invalid for one that does not stand with this ticket."""
    rows = (
        StoredFile.objects.filter(record_type="ticket", record_id=ticket.pk, archived_at=None, pk__in=ids)
        if ids
        else []
    )
    found = {row.pk: row for row in rows}
    if missing := [str(pk) for pk in ids if pk not in found]:
        raise Invalid(__("This ticket has no file %s; put it there first.") % ", ".join(missing), "files")
    return [found[pk] for pk in ids]


@action("ticket.note", needs="ticket.edit", label=_("Note for colleagues"), icon="note", applies=_here, done=_("Noted"))
def note(ticket: Ticket, *, body: Annotated[str, LongText(), _("Note")], by: Actor) -> Ticket:
    """For colleagues only; whoever is named in it is told."""
    text, key = tidy(body), uuid4().hex
    with change(ticket, by=by) as c:
        side = Sides(Entry.objects.filter(key=key))
        entry = put(c.row, Side.NOTE, text, by=by, key=key)
        c.says(events.Noted(entry.pk, sides=side.touched()))
    users = User.objects.filter(pk__in=mentioned(text), is_active=True).exclude(pk=by.user_id or 0)
    words = __("%(who)s names you in the ticket “%(ticket)s”") % {"who": by.name, "ticket": ticket.subject}
    notify(list(users), words, kind=NOTICE, key=f"ticket_note:{entry.pk}", by=by, about=("ticket", ticket.pk))
    return c.row


@action("ticket.they_said", needs="ticket.edit", label=_("They said"), icon="phone", applies=_here,
        done=_("It stands in the talk"))  # fmt: skip
def they_said(
    ticket: Ticket, *, body: Annotated[str, LongText(), _("Their words")],
    channel: Annotated[str, Choice(dict(TicketChannel.choices)), _("By")] = "", by: Actor,
) -> Ticket:  # fmt: skip
    """What they told us by a way that does not lead here by itself: on the phone, face to face, through a program. It counts as
    a reply of theirs, so that clocks run and a solved ticket opens again, or one follows it."""
    way = channel or (TicketChannel.API if by.channel == "api" else TicketChannel.PHONE)
    entry = answering.customer_said(
        ticket, tidy(body), by=by, channel=way, person=ticket.person, key=uuid4().hex, undoable=True
    )
    return Ticket.objects.get(pk=entry.ticket_id)


@action("ticket.solve", needs="ticket.edit", label=_("Solve"), icon="check", key="s", applies=_unsolved, many=True,
        done=_("{row} is solved"))  # fmt: skip
def solve(
    ticket: Ticket, *, cause: Annotated[str, Text(200), _("Cause")] = "",
    resolution: Annotated[str, LongText(), _("What solved it")] = "", by: Actor,
) -> Ticket:  # fmt: skip
    """Without a word to the customer; a reply of theirs opens it again."""
    with change(ticket, by=by) as c:
        answering.put_solved(c, cause=cause, resolution=resolution)
    return c.row


@action(
    "ticket.reopen",
    needs="ticket.edit",
    label=_("Open again"),
    icon="undo",
    applies=_over,
    done=_("{row} is open again"),
)
def reopen(ticket: Ticket, *, why: Annotated[str, Text(200), _("Why")] = "", by: Actor) -> Ticket:
    with change(ticket, by=by) as c:
        answering.put_back(c, why or __("it was not over"))
    return c.row


@action(
    "ticket.wait",
    needs="ticket.edit",
    label=_("Wait for them"),
    icon="hourglass",
    applies=_unsolved,
    done=_("{row} waits"),
)
def wait(
    ticket: Ticket, *, why: Annotated[str, Text(200), _("What for")] = "",
    until: Annotated[dt.datetime | None, Moment(), _("Look again")] = None, by: Actor,
) -> Ticket:  # fmt: skip
    """Its clocks rest, except that of the first answer, which is owed whatever we wait for."""
    with change(ticket, by=by) as c:
        answering.put_waiting(c, why=why or __("an answer"), until=until)
    return c.row


@action("ticket.go_on", needs="ticket.edit", label=_("Go on"), icon="loop",
        applies=lambda row: row.archived_at is None and row.state == TicketState.WAITING, done=_("{row} goes on"))  # fmt: skip
def go_on(ticket: Ticket, *, by: Actor) -> Ticket:
    with change(ticket, by=by) as c:
        answering.put_back(c, __("we go on without it"))
    return c.row


@action("ticket.move", needs="ticket.edit", label=_("Change the state"), icon="columns", applies=_here)
def move(ticket: Ticket, *, state: Annotated[str, Choice(dict(TicketState.choices)), _("State")], by: Actor) -> Ticket:
    """What a drop on the board does: the verb that leads to that state."""
    with change(ticket, by=by) as c:
        if c.row.state == state:
            return c.row
        if state == TicketState.NEW:
            raise Invalid(__("A ticket is new once; it can be open again."), "state")
        if state == TicketState.WAITING:
            if c.row.state in answering.OVER:
                answering.put_back(c, __("it was not over"))
            answering.put_waiting(c, why=__("an answer"))
        elif state == TicketState.OPEN:
            answering.put_back(c, __("there is more to do"))
        else:
            answering.put_solved(c)
            if state == TicketState.CLOSED:
                put_closed(c)
    return c.row


def put_closed(c: change) -> None:
    """The ticket that `c` holds is over for good: a reply begins another one."""
    from django.utils import timezone

    c.row.state, c.row.closed_at = TicketState.CLOSED, timezone.now()
    c.says(events.Closed())


@action(
    "ticket.take", needs="ticket.edit", label=_("Take it"), icon="hand", applies=_unsolved, done=_("{row} is yours")
)
def take(ticket: Ticket, *, by: Actor) -> Ticket:
    """It is whoever presses this from here on."""
    if by.user is None:
        raise Invalid(__("A program has no desk; hand it to a colleague."))
    return give(ticket, by.user, how="taken", why=__("they took it"), by=by)


@action(
    "ticket.hand",
    needs="ticket.edit",
    label=_("Hand on"),
    icon="share",
    applies=_unsolved,
    done=_("{row} is with somebody else now"),
)
def hand(
    ticket: Ticket,
    *,
    owner: Annotated[Any, Colleague(), _("Colleague")],
    why: Annotated[str, Text(200), _("Why")] = "",
    by: Actor,
) -> Ticket:
    """A colleague goes on, and has all of it before them. Each time counts towards the customer's effort."""
    return give(ticket, owner, how="handed", why=why or __("they know more about it"), by=by)


@action(
    "ticket.mark_reasked",
    needs="ticket.edit",
    label=_("They told us before"),
    icon="loop",
    applies=_here,
    done=_("Counted"),
)
def mark_reasked(ticket: Ticket, *, what: Annotated[str, Text(150), _("What was asked again")], by: Actor) -> Ticket:
    with change(ticket, by=by) as c:
        c.row.reasked += 1
        c.says(events.Reasked(what))
    return c.row


@action("ticket.log_time", needs="ticket.edit", label=_("Time spent"), icon="clock", applies=_here, done=_("Counted"))
def log_time(ticket: Ticket, *, minutes: Annotated[int, Duration(), _("Minutes")], by: Actor) -> Ticket:
    with change(ticket, by=by) as c:
        if not 1 <= minutes <= 24 * 60:
            raise Invalid(__("Say from one minute to a day."), "minutes")
        c.row.minutes += minutes
        c.says(events.TimeSpent(minutes))
    return c.row


ALL = (
    answer, note, solve, reopen, wait, go_on, log_call, they_said, move, take, hand, mark_reasked, log_time, split, make_part, leave_larger,
    solve_all,
)  # fmt: skip
