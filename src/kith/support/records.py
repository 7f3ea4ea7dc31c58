"""Tickets as records, and what stands under Settings: service levels, ways in, ready answers, agents."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.kernel.access.actor import Actor
from kith.kernel.access.scopes import ByOwner, Theirs, configuration
from kith.kernel.calendars.kinds import SpanWords
from kith.kernel.configuration.declaring import Configured
from kith.kernel.kinds import Choice, Choices, Duration, Language, Url
from kith.kernel.kinds.translations import Translations
from kith.kernel.lookups.conditions import Conditions
from kith.kernel.records.columns import FACES, Facts
from kith.kernel.records.record import Board, Record, Section, View
from kith.support import actions, events, opening, ready
from kith.support.kinds import Chain, Place
from kith.support.models import Agent, Door, Policy, Reply, Ticket, TicketKind, TicketPriority
from kith.support.panels import CLOCKS, GIVEN, TALK, WHOM
from kith.support.parts import CLOCKS as CLOCK_ROWS
from kith.support.parts import ENTRIES, SIMILAR
from kith.support.parts import GIVEN as GIVEN_ROWS
from kith.support.similar import look_alikes

SPAN = Facts(
    kind=SpanWords(), faces=FACES - {"filter"}, help=_("Such as 4 business hours. Empty: nothing is promised.")
)
COUNTED = Facts(faces=FACES - {"form"})


class Tickets(ByOwner):
    """A ticket belongs to whoever has it; those that nobody has yet are everybody's who answers any."""

    def q(self, actor: Actor, record: str, verb: str) -> Q:
        own = super().q(actor, record, verb)
        if own == Q() or actor.level(record, verb) == "none" or actor.user_id is None or verb == "archive":
            return own
        return own | Q(owner=None)


class TicketRecord(Record):
    name, slug, icon = "ticket", "tickets", "ticket"
    model, scope, title, help = Ticket, Tickets(), "subject", "tickets"
    customers = Theirs()
    placed = False  # its place in the sidebar is the desk (`apps.py`)
    lists, sort = (
        ("subject", "person", "company", "state", "priority", "kind", "next_step", "next_step_at", "owner"), "-opened_at",
    )  # fmt: skip
    quick = ("subject", "request", "person", "company", "kind", "priority")
    line = ("state", "priority", "kind", "channel", "opened_at")
    form = (
        Section(_("Ticket"), "subject request person company kind priority tags channel parent"),
        Section(_("How it went"), "state opened_at first_answered_at solved_at cause resolution minutes issue_url"),
        Section(_("Looked after by"), "owner team"),
    )
    board = Board(by="state", card="person company priority owner", drop="ticket.move", sort="next_step_at")
    match = ("subject",)
    views = (
        View("unsolved", _("Unsolved"), "state.is:new|open|waiting", "next_step_at"),
        View("mine", _("Mine"), "state.is:new|open|waiting,owner.is:me", "next_step_at"),
        View("nobody", _("Nobody’s"), "state.is:new|open|waiting,owner.empty", "next_step_at"),
        View("breaching", _("Over their time"), "state.is:new|open,next_step_at.in:past", "next_step_at"),
        View("complaints", _("Complaints"), "state.is:new|open|waiting,kind.is:complaint", "next_step_at"),
        View("board", _("Board"), "state.is:new|open|waiting", "next_step_at", face="board"),
    )
    panels, parts = (TALK, CLOCKS, GIVEN), (ENTRIES, CLOCK_ROWS, GIVEN_ROWS, SIMILAR)
    actions = actions.ALL
    events = (
        events.Answered, events.CustomerReplied, events.Noted, events.Waits, events.Resumed, events.Solved, events.Reopened,
        events.Closed, events.Transferred, events.Reasked, events.Split, events.TimeSpent, events.ClockWarned, events.ClockBroken,
        events.AlsoBelongs, events.ChatJoined,
    )  # fmt: skip
    at_creation = ("state", "request", "channel", "opened_at")
    duplicates = staticmethod(look_alikes)
    create = staticmethod(opening.create)
    fields = {
        "subject": Facts(personal="what somebody asked"),
        "request": Facts(personal="what somebody asked", only_via="ticket.answer"),
        "resolution": Facts(personal="what was said to somebody"),
        "last_words": Facts(personal="what somebody asked", faces=FACES - {"form"}),
        "person": Facts(sort="person__sort_name"),
        "company": Facts(sort="company__sort_name"),
        "state": Facts(only_via="ticket.move"),
        "channel": Facts(only_via="ticket.answer"),
        "opened_at": Facts(only_via="ticket.answer"),
        "follows": Facts(only_via="ticket.answer"),
        "issue_url": Facts(kind=Url(), personal="no", help=_("Where the technical team works on it.")),
        "parent": Facts(only_via="ticket.make_part"),
        "waiting_until": Facts(only_via="ticket.wait"),
        "minutes": Facts(kind=Duration(), only_via="ticket.log_time", measure="sum"),
        "last_side": Facts(faces=frozenset()),
        "said": COUNTED,
        "last_at": COUNTED,
        "first_answered_at": Facts(only_via="ticket.answer"),
        "solved_at": Facts(part_of="state", only_via="ticket.solve"),
        "closed_at": Facts(part_of="state", only_via="ticket.solve"),
        "repeats": Facts(only_via="ticket.answer"),
        "reopened": Facts(only_via="ticket.reopen", measure="sum"),
        "transfers": Facts(only_via="ticket.hand", measure="sum"),
        "reasked": Facts(only_via="ticket.mark_reasked", measure="sum"),
    }  # fmt: skip


class PolicyRecord(Record):
    name, slug, icon = "service_level", "service-levels", "clock"
    model, scope, settings, help = Policy, configuration, True, "service-levels"
    configured = Configured(after=("segment",))
    lists, sort = ("name", "position", "first", "next", "resolution", "calendar", "active"), "position"
    quick = ("name", "first", "resolution")
    form = (
        Section(_("Service level"), "name position active"),
        Section(_("For whom"), "customers people priorities kinds"),
        Section(_("What is promised"), "first next resolution calendar"),
        Section(_("As time runs out"), "chain"),
    )
    fields = {
        "customers": Facts(kind=Conditions("company"), label=_("Companies"), help=_("A filter of companies, such as tags.any:gold. With neither: everybody.")),
        "people": Facts(kind=Conditions("person"), help=_("Also for tickets of these people, such as company.empty,tags.any:gold.")),
        "priorities": Facts(kind=Choices(Choice(dict(TicketPriority.choices))), help=_("None: all of them.")),
        "kinds": Facts(kind=Choices(Choice(dict(TicketKind.choices))), help=_("None: all of them.")),
        "first": SPAN, "next": SPAN, "resolution": SPAN,
        "chain": Facts(kind=Chain(), personal="no", help=_("A line each: 75 % owner, 100 % managers, 150 % ines@example.com.")),
    }  # fmt: skip
    panels = (WHOM,)
    settle = staticmethod(lambda pairs, by: _levels_changed())


def _levels_changed() -> None:
    """What runs is measured by what is promised now; what ended stays as it was."""
    from kith.kernel.jobs import enqueue

    enqueue("support.follow_all", key="support.follow_all")


class DoorRecord(Record):
    name, slug, icon = "way_in", "ways-in", "inbox"
    model, scope, settings, help = Door, configuration, True, "tickets"
    lists, sort = ("name", "through", "place", "kind", "priority", "team", "active"), "name"
    quick = ("name", "through", "place")
    form = (
        Section(_("Way in"), "name through place active acknowledge"),
        Section(_("What comes of it"), "kind priority tags team"),
    )
    fields = {
        "place": Facts(
            kind=Place(254),
            personal="no",
            help=_("An address such as help@example.com, or the key of the form or chat."),
        )
    }


class ReplyRecord(Record):
    name, slug, icon = "reply", "ready-answers", "note"
    model, scope, settings, help = Reply, configuration, True, "tickets"
    configured = Configured()
    stamped = False
    lists, sort = ("name", "body", "then", "priority", "tags"), "name"
    quick = ("name", "body")
    form = (
        Section(_("Words"), "name body language bodies"),
        Section(_("What else it does"), "then priority kind tags cause"),
    )
    match = ("name",)
    create, edit = staticmethod(ready.create), staticmethod(ready.edit)
    fields = {
        "body": Facts(personal="no", help=_('May hold placeholders, such as {{ person.given_name | "there" }}.')),
        "language": Facts(kind=Language(), help=_("Of the text above; empty: of nobody in particular.")),
        "bodies": Facts(
            kind=Translations(),
            personal="no",
            help=_(
                "Each begins a line with its language and a colon, de: Guten Tag …, and goes on over the lines below it."
            ),
        ),
        "then": Facts(kind=Choice({"wait": _("wait for them"), "solve": _("solve")})),
    }


class AgentRecord(Record):
    name, slug, icon = "agent", "agents", "person"
    model, scope, settings, help = Agent, configuration, True, "tickets"
    title, named_by = "user", ("user",)
    lists, sort = ("user", "skills", "capacity", "share", "active"), "user"
    form = (Section(_("Agent"), "user skills capacity share calendar active"),)
    fields = {
        "user": Facts(sort="user__name"),
        "skills": Facts(help=_("A ticket with one of these tags goes to those who know it.")),
        "calendar": Facts(help=_("Outside of them they get no ticket by turn. Empty: they take turns at any hour.")),
    }

    @classmethod
    def name_of(cls, row: Any) -> str:
        return str(row.user) if row.user_id else __("Agent")
