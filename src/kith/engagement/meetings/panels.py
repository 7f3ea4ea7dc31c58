"""Parts of record pages: where a booking page is met and what it offers, what was answered, the meetings of a person."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import formats, timezone
from django.utils.translation import gettext_lazy as _

from kith.engagement.meetings.availability import seats_of, times
from kith.engagement.meetings.booking import where_of
from kith.engagement.meetings.letters import say_in
from kith.engagement.meetings.links import known_link, own_link, page_link
from kith.engagement.meetings.models import Booking, BookingPage, Host, State, Turn
from kith.kernel.access.actor import Actor
from kith.kernel.kinds import LongText, Text
from kith.kernel.records.parts import Part
from kith.kernel.records.registry import registry
from kith.kernel.zones import zone
from kith.ui.panels import BEFORE, Panel, register_panel

MOST = 5


def offered(actor: Actor, page: BookingPage) -> dict[str, Any]:
    """Its address, who can be met, and the next times that strangers are offered."""
    now = timezone.now()
    found = times(page, page.minutes()[0], now, now + dt.timedelta(days=page.ahead_days)) if page.minutes() else None
    credits = dict(Turn.objects.filter(page=page).values_list("user_id", "credit"))
    hosts = {h.user_id: h for h in Host.objects.filter(page=page, archived_at=None)}
    seats = [(seat, hosts.get(seat.user.pk), credits.get(seat.user.pk, 0.0)) for seat in seats_of(page)]
    return {
        "page": page, "link": page_link(page), "seats": seats, "next": [_said(at) for at in list(found.free)[:MOST]] if found else [], "may": actor.can("settings.manage"),
        "coming": Booking.objects.filter(page=page, state=State.BOOKED, starts_at__gt=now, archived_at=None).count(),
    }  # fmt: skip


def _said(at: dt.datetime) -> str:
    """ "Tue 24 Nov, 09:30" on the reader's clocks."""
    return formats.date_format(timezone.localtime(at), "D j M, H:i")


def answered(actor: Actor, row: Booking) -> dict[str, Any]:
    """What they answered, and how the invitation fares."""
    when = say_in(row.starts_at, row.minutes, zone(timezone.get_current_timezone_name()))
    return {
        "row": row,
        "told": getattr(row, "told", None),
        "link": own_link(row.pk),
        "when": when,
        "where": where_of(row),
    }


def of_person(actor: Actor, person: Any) -> dict[str, Any] | None:
    """Their meetings, the next first, and a link with which they choose a time as themselves."""
    theirs = registry["booking"].rows(actor, archived=False).filter(person_id=person.pk)
    rows = list(theirs.select_related("page", "host").order_by("-starts_at")[:MOST])
    pages = registry["booking_page"].rows(actor, archived=False).filter(open=True)
    page = pages.filter(owner=actor.user_id).order_by("pk").first() or pages.order_by("pk").first()
    if not rows and (page is None or not person.email):
        return None
    return {"rows": rows, "count": len(rows) or None, "link": known_link(page, person) if page else "", "page": page}


class _Answer:
    def __init__(self, said: dict[str, str]):
        self.question, self.answer = said["question"], said["answer"]


ANSWERS = Part(
    "answers", _("Answers"), {"question": Text(500), "answer": LongText()}, lambda actor, row: [_Answer(one) for one in row.answers]
)  # fmt: skip
TIMES = Panel("times", _("Where people book"), "meetings/panel_times.html", offered, depends_on=("host", "booking"),
              place="main", order=5, lazy=True)  # fmt: skip
ANSWERED = Panel("answered", _("What they said"), "meetings/panel_answered.html", answered, place="main", order=5)
register_panel(
    Panel("bookings", _("Meetings they booked"), "meetings/panel_person.html", of_person, depends_on=("booking",), order=36,
          covers=("booking",), lazy=True, phase=BEFORE),
    on="person",
)  # fmt: skip
