"""Booking pages and strangers for the tests of meetings. It is Monday, ten o'clock."""

from __future__ import annotations

import datetime as dt
from typing import Any

import time_machine

from kith.engagement.meetings import booking
from kith.engagement.meetings.booking import Wanted
from kith.engagement.meetings.models import BookingPage
from kith.kernel.access.actor import system
from kith.kernel.jobs.inline import run_waiting_jobs
from kith.kernel.records import actions
from kith.kernel.records.registry import registry
from tests.cast import actor, user

MONDAY = "2026-11-23 10:00:00+00:00"


def moment(words: str) -> dt.datetime:
    """ "2026-11-24 09:00", in UTC."""
    return dt.datetime.fromisoformat(words).replace(tzinfo=dt.UTC)


def page(who: str = "ines", **values: Any) -> BookingPage:
    """Half an hour with Ines, every half hour, from tomorrow on, ten minutes free after it."""
    given = {"name": "First talk", "lengths": "30", "way": "video", "place": "https://meet.tidewell.example/ines", "after": 0,
             "notice": 60, "owner": user(who)} | values  # fmt: skip
    return actions.create(registry["booking_page"], given, by=system("cli"))


def host(made: BookingPage, who: str, **values: Any) -> Any:
    return actions.create(registry["host"], {"page": made, "user": user(who), **values}, by=system("cli"))


def hours(name: str, windows: dict[str, str], zone: str = "") -> Any:
    values = {"name": name, "windows": windows, "time_zone": zone}
    return actions.create(registry["business_calendar"], values, by=system("cli"))


def wanted(at: str = "2026-11-24 09:00", **more: Any) -> Wanted:
    given = {
        "name": "Marta Kowalska",
        "email": "marta@bellevue.example",
        "minutes": 30,
        "time_zone": "Europe/Warsaw",
    } | more
    return Wanted(moment(at), **given)


def book(made: BookingPage, at: str = "2026-11-24 09:00", **more: Any) -> Any:
    row = booking.book(made, wanted(at, **more))
    row.refresh_from_db()
    return row


def meeting_of(who: str, at: str, **more: Any) -> Any:
    """Something in a colleague's own calendar."""
    values = {"kind": "meeting", "subject": "Site visit", "due_at": moment(at), "minutes": 60} | more
    return actions.create(registry["activity"], values, by=actor(who))


def tell() -> None:
    """What is to be sent leaves."""
    run_waiting_jobs(names=["meetings.tell"])


def at(words: str = MONDAY) -> Any:
    return time_machine.travel(words, tick=False)
