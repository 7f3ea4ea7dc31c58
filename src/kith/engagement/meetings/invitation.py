"""Meetings as iCalendar (RFC 5545, 5546): what Gmail, Outlook and Apple's calendars take for an invitation.

The organiser is the address that Kith sends from and reads, so that what calendars answer comes back to us; both sides
are invited by it. Times are those of the host's zone, with a VTIMEZONE that says what it does.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from email.utils import parseaddr
from typing import Any

from django.utils import timezone
from icalendar import Calendar, Event, vCalAddress, vText

from kith import __version__
from kith.engagement.meetings.models import Answer, Booking

REQUEST, CANCEL, PUBLISH = "REQUEST", "CANCEL", "PUBLISH"
UID_AT = "kith"
PARTSTAT = {"ACCEPTED": Answer.ACCEPTED, "TENTATIVE": Answer.TENTATIVE, "DECLINED": Answer.DECLINED}
MOST_BYTES = 200_000  # of a calendar that somebody sends


@dataclass(frozen=True)
class Said:
    """What words stand in an invitation. `zone`: a zone's name; `organiser`: a header's From; `guest`: whom the mail is for."""

    title: str
    about: str
    where: str
    zone: Any
    organiser: str
    host_email: str
    host_name: str
    link: str = ""


def uid_of(row: Booking) -> str:
    return f"{row.uid}@{UID_AT}"


def calendar(row: Booking, said: Said, number: int, method: str) -> bytes:
    """The calendar object of one meeting. number: how often it was told before (SEQUENCE)."""
    made = Calendar()
    made.add("prodid", f"-//Kith//Kith {__version__}//EN")
    made.add("version", "2.0")
    made.add("calscale", "GREGORIAN")
    made.add("method", method)
    made.add_component(_event(row, said, number, method))
    made.add_missing_timezones(first_date=row.starts_at.date().replace(month=1, day=1),
                               last_date=dt.date(row.starts_at.year + 1, 12, 31))  # fmt: skip
    return bytes(made.to_ical())


def _event(row: Booking, said: Said, number: int, method: str) -> Event:
    event = Event()
    event.add("uid", uid_of(row))
    event.add("sequence", number)
    event.add("dtstamp", timezone.now().astimezone(dt.UTC))
    event.add("dtstart", row.starts_at.astimezone(said.zone))
    event.add("dtend", row.ends_at.astimezone(said.zone))
    event.add("summary", said.title)
    event.add("location", said.where)
    event.add("description", said.about)
    event.add("status", "CANCELLED" if method == CANCEL else "CONFIRMED")
    event.add("transp", "OPAQUE")
    event.add("class", "PRIVATE")
    if said.link:
        event.add("url", said.link)
    name, address = parseaddr(said.organiser)
    event.add("organizer", _address(address, name), encode=False)
    event.add("attendee", _attendee(row.email, row.name, asked=method == REQUEST), encode=False)
    if said.host_email and said.host_email.lower() != address.lower():
        event.add("attendee", _attendee(said.host_email, said.host_name, asked=False), encode=False)
    return event


def _address(address: str, name: str) -> vCalAddress:
    made = vCalAddress(f"mailto:{address}")
    if name:
        made.params["CN"] = vText(name)
    return made


def _attendee(address: str, name: str, *, asked: bool) -> vCalAddress:
    made = _address(address, name)
    made.params["CUTYPE"], made.params["ROLE"] = vText("INDIVIDUAL"), vText("REQ-PARTICIPANT")
    made.params["PARTSTAT"] = vText("NEEDS-ACTION" if asked else "ACCEPTED")
    made.params["RSVP"] = vText("TRUE" if asked else "FALSE")
    return made


@dataclass(frozen=True)
class Reply:
    """What a calendar answered (METHOD:REPLY): to which meeting, who, what, to which word of ours."""

    uid: str
    address: str
    answer: str
    number: int


def replies(content: bytes) -> list[Reply]:
    """The answers that a text/calendar part holds; none where it is no answer, or cannot be read."""
    if len(content) > MOST_BYTES:
        return []
    try:
        read = Calendar.from_ical(content)
        if str(read.get("method", "")).upper() != "REPLY":
            return []
        return [found for event in read.walk("VEVENT") for found in _replies(event)]
    except (ValueError, KeyError, IndexError, TypeError, AttributeError):  # what strangers send may be anything
        return []


def _replies(event: Any) -> list[Reply]:
    given = event.get("attendee") or []
    out = []
    for one in given if isinstance(given, list) else [given]:
        answer = PARTSTAT.get(str(one.params.get("PARTSTAT", "")).upper())
        address = str(one).lower().removeprefix("mailto:")
        if answer is not None:
            out.append(Reply(str(event.get("uid", "")), address, answer, int(event.get("sequence", 0) or 0)))
    return out
