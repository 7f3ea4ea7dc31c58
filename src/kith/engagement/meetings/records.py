"""Booking pages, hosts and bookings as records: lists, pages, forms, API, history."""

from __future__ import annotations

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kith.engagement.meetings import actions, events
from kith.engagement.meetings.kinds import PurposeKey
from kith.engagement.meetings.models import Booking, BookingPage, Host
from kith.engagement.meetings.panels import ANSWERED, ANSWERS, TIMES
from kith.kernel.access.actor import Actor
from kith.kernel.access.scopes import Scope, by_owner, configuration
from kith.kernel.kinds import Duration, Email, Language, LongText, Phone, TimeZone
from kith.kernel.kinds.translations import Translations
from kith.kernel.records.columns import Facts
from kith.kernel.records.record import Record, Section, View
from kith.kernel.records.registry import registry

HIDDEN = Facts(faces=frozenset())


class OfHost(Scope):
    """Meetings with oneself, and those with people within reach."""

    def q(self, actor: Actor, record: str, verb: str) -> Q:
        people = registry["person"]
        verb = "edit" if verb == "archive" else verb
        level, theirs = actor.level(record, verb), people.scope.q(actor, people.name, verb)
        if level == "all" and theirs == Q():
            return Q()
        mine = Q(host=actor.user_id) if actor.user_id and level != "none" else Q(pk__in=[])
        if level in ("none", "own"):
            return mine
        return mine | Q(person__in=people.model._default_manager.filter(theirs).values("pk"))


class BookingPageRecord(Record):
    name, slug, icon = "booking_page", "booking-pages", "calendar"
    model, scope, settings, help = BookingPage, by_owner(), True, "meetings"
    lists, sort = ("name", "key", "lengths", "way", "open", "owner", "updated_at"), "name"
    quick, line = ("name", "lengths", "way", "place"), ("about_text",)
    form = (
        Section(_("Page"), "name key about_text lengths way place"),
        Section(_("When"), "calendar before after every notice ahead_days most_a_day"),
        Section(_("What is asked"), "questions purpose"),
        Section(_("Languages"), "language names abouts asks"),
        Section(_("Looked after by"), "owner team"),
    )
    views = (View("open", _("Open"), "open.is:1"), View("closed", _("Closed"), "open.is:0"))
    match, panels = ("key",), (TIMES,)
    actions = (actions.close, actions.reopen)
    events = (events.PageOpened, events.PageClosed)
    fields = {
        "name": Facts(personal="no"),
        "key": Facts(help=_("The page is /book/ and this. Empty: made from the title.")),
        "lengths": Facts(help=_("Such as 30, or 30, 60 for a choice.")),
        "place": Facts(help=_("Empty with the phone: we call the number they give.")),
        "calendar": Facts(help=_("Empty: the default calendar. A host may have hours of their own.")),
        "before": Facts(kind=Duration()), "after": Facts(kind=Duration()), "every": Facts(kind=Duration()),
        "notice": Facts(kind=Duration(), help=_("Nobody books a meeting sooner than this.")),
        "most_a_day": Facts(help=_("For each colleague; empty: as many as fit.")),
        "questions": Facts(kind=LongText(2000), help=_("One a line; a * at the end makes an answer necessary.")),
        "purpose": Facts(kind=PurposeKey(), help=_("A box they may tick; empty: nothing is asked.")),
        "language": Facts(kind=Language(), help=_("Of the words above.")),
        "names": Facts(kind=Translations(), help=_("Each begins a line: de: Erstes Gespräch")),
        "abouts": Facts(kind=Translations()),
        "asks": Facts(kind=Translations(), help=_("In the same order as above.")),
        "open": Facts(only_via="booking_page.close"),
        "owner": Facts(help=_("Whose times are offered while no hosts are named.")),
    }  # fmt: skip


class HostRecord(Record):
    name, slug, icon = "host", "hosts", "people"
    model, scope, settings, help = Host, configuration, True, "meetings"
    title, placed = "user", False
    lists, sort = ("user", "page", "share", "most_a_day", "most_a_week", "calendar"), "created_at"
    form = (Section(_("Host"), "page user share most_a_day most_a_week calendar"),)
    fields = {
        "share": Facts(help=_("Who has 2 gets twice as many as who has 1.")),
        "most_a_day": Facts(help=_("Booked meetings of all pages; empty: any number.")),
        "calendar": Facts(help=_("Empty: the hours of the page.")),
    }


class BookingRecord(Record):
    name, slug, icon = "booking", "bookings", "calendar"
    model, scope, help = Booking, OfHost(), "meetings"
    title, by_itself, placed = "name", True, False
    lists = ("name", "page", "starts_at", "host", "person", "state", "reply", "created_at")
    sort, calendar, line = "-starts_at", "starts_at", ("page", "starts_at", "state")
    form = (
        Section(_("Meeting"), "page host starts_at ends_at state why reply"),
        Section(_("Who"), "person name email phone time_zone language"),
    )
    views = (
        View("coming", _("To come"), "state.is:booked", sort="starts_at"),
        View("mine", _("With me"), "host.is:me,state.is:booked", sort="starts_at"),
        View("missed", _("Did not come"), "state.is:missed"),
        View("cancelled", _("Cancelled"), "state.is:cancelled"),
    )
    panels, parts = (ANSWERED,), (ANSWERS,)
    actions = (actions.met, actions.no_show, actions.move, actions.cancel)
    events = (
        events.MeetingAsked, events.MeetingBooked, events.MeetingMoved, events.MeetingHanded, events.MeetingCancelled,
        events.MeetingHeld, events.MeetingMissed, events.MeetingReopened, events.MeetingAnswered,
    )  # fmt: skip
    fields = {
        "name": Facts(personal="who the meeting is with", only_via="booking.move"),
        "email": Facts(kind=Email(), personal="the invitation", only_via="booking.move"),
        "phone": Facts(kind=Phone(), personal="calling at the time agreed", only_via="booking.move"),
        "language": Facts(kind=Language(), only_via="booking.move"),
        "time_zone": Facts(kind=TimeZone(), only_via="booking.move"),
        "person": Facts(sort="person__sort_name", only_via="booking.move"),
        **dict.fromkeys(("page", "host", "starts_at", "ends_at"), Facts(only_via="booking.move")),
        **dict.fromkeys(("state", "why", "reply"), Facts(only_via="booking.cancel")),
        **dict.fromkeys(("answers", "consent", "uid", "known", "activity", "replied_at"), HIDDEN),
    }  # fmt: skip
