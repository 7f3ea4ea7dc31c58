"""Verbs of tickets that make two of one, or one thing of several: splitting off, parts of a larger one, solving all of them."""

from __future__ import annotations

from typing import Annotated, Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid
from kith.kernel.kinds import Integer, LongText, Text
from kith.kernel.kinds.link import Link
from kith.kernel.records.action import GIVEN, action
from kith.kernel.records.registry import registry
from kith.kernel.timeline.change import change
from kith.kernel.timeline.sides import Sides
from kith.support import answering, events, ready
from kith.support.clocks.keeping import recount
from kith.support.models import Entry, Side, Ticket
from kith.support.opening import open_ticket
from kith.support.saying import put


def _here(row: Any) -> bool:
    return row.archived_at is None


@action(
    "ticket.split",
    needs="ticket.create",
    label=_("Make a ticket of its own"),
    icon="share",
    applies=_here,
    done=_("What they asked besides is a ticket of its own"),
)
def split(
    ticket: Ticket, *, entry: Annotated[int, Integer(), _("The entry from which on"), GIVEN],
    subject: Annotated[str, Text(300), _("Subject")], by: Actor,
) -> Ticket:  # fmt: skip
    """What they asked besides: this entry and what of theirs came after it goes to a ticket that follows this one. What we
    answered and noted stays."""
    theirs = Entry.objects.filter(ticket=ticket, side=Side.THEM)
    first = theirs.filter(pk=entry).first()
    if first is None:
        raise Invalid(__("There is no entry %s of theirs in this ticket.") % entry, "entry")
    with change(ticket, by=by) as c:
        # By time: after a merge ids do not tell what came later.
        moving = theirs.filter(Q(at__gt=first.at) | Q(at=first.at, pk__gte=first.pk))
        if moving.count() == theirs.count():
            raise Invalid(__("That would leave nothing here; change the subject instead."), "entry")
        made = open_ticket(
            subject=subject, channel=ticket.channel, by=by, person=ticket.person, company=ticket.company, at=first.at,
            kind=ticket.kind, priority=ticket.priority, tags=list(ticket.tags), owner_id=ticket.owner_id, team_id=ticket.team_id,
        )  # fmt: skip
        pks = list(moving.values_list("pk", flat=True))
        side = Sides(Entry.objects.filter(pk__in=pks))
        Entry.objects.filter(pk__in=pks).update(ticket=made)
        c.row.said -= len(pks)
        c.says(events.Split(subject, made.pk, sides=side.touched()))
        recount([made.pk])
    return Ticket.objects.get(pk=made.pk)


@action(
    "ticket.make_part",
    needs="ticket.edit",
    label=_("Part of a larger one"),
    icon="merge",
    applies=_here,
    done=_("{row} is part of another ticket"),
)
def make_part(ticket: Ticket, *, parent: Annotated[Any, Link("ticket"), _("The larger one")], by: Actor) -> Ticket:
    """Solving the larger one with an answer answers and solves its parts."""
    if parent.pk == ticket.pk or parent.parent_id is not None or ticket.children.exists():
        raise Invalid(__("A ticket is part of one that is part of no other."), "parent")
    with change(ticket, by=by) as c:
        c.row.parent = parent
    return c.row


@action(
    "ticket.leave_larger",
    needs="ticket.edit",
    label=_("Part of it no more"),
    icon="undo",
    applies=lambda row: row.archived_at is None and row.parent_id is not None,
    done=_("{row} stands by itself"),
)
def leave_larger(ticket: Ticket, *, by: Actor) -> Ticket:
    """It was something else after all: what solves the larger one does not solve it."""
    with change(ticket, by=by) as c:
        c.row.parent = None
    return c.row


@action("ticket.solve_all", needs="ticket.edit", label=_("Answer and solve with all parts"), icon="check", undo=False,
        applies=lambda row: row.archived_at is None and row.awaits_step and row.children.exists(), done=_("All of them are solved"))  # fmt: skip
def solve_all(
    ticket: Ticket,
    *,
    body: Annotated[str, LongText(), _("Answer")],
    cause: Annotated[str, Text(200), _("Cause")] = "",
    by: Actor,
) -> Ticket:
    """Everybody who asked gets the same answer, each in their own talk. Where one may not be written to, it stands in theirs
    alone, and a note in the larger one says whose."""
    unsent = []
    with transaction.atomic():
        parts = registry["ticket"].rows(by, "edit", archived=False).filter(parent=ticket)
        for row in [*(part for part in parts.order_by("pk") if part.awaits_step), ticket]:
            if why := _solve_one(row, ready.fill(body, row, by=by), cause, by):
                unsent.append(f"#{row.pk} {row.subject}: {why}")
        if unsent:
            with change(ticket, by=by) as c:
                entry = put(
                    c.row, Side.NOTE, "\n".join([__("Solved without a mail, which could not leave:"), *unsent]), by=by
                )
                c.says(events.Noted(entry.pk))
    return Ticket.objects.get(pk=ticket.pk)


def _solve_one(row: Ticket, text: str, cause: str, by: Actor) -> str:
    """Answer and solve it; returns why no mail left, "" where one did or none was to."""
    try:
        with transaction.atomic():
            answering.answer(row, text, by=by, then="solve", cause=cause)
    except Invalid as refused:
        answering.answer(row, text, by=by, then="solve", cause=cause, mail=False)
        return refused.message
    return ""
