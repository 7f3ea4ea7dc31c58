"""What tests of this room make again and again: a level, a customer, a ticket, a moment."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from kith.kernel.access.actor import system
from kith.kernel.records.actions import create
from kith.kernel.records.registry import registry

BERLIN = ZoneInfo("Europe/Berlin")


def moment(words: str) -> dt.datetime:
    """ "2026-03-12 09:00" in Berlin."""
    return dt.datetime.fromisoformat(words).replace(tzinfo=BERLIN)


def office(by=None):
    """The default calendar: Berlin's office hours."""
    rows = registry["business_calendar"].model._default_manager
    found = rows.filter(name="Berlin").first()
    return found or create(
        registry["business_calendar"],
        {"name": "Berlin", "time_zone": "Europe/Berlin", "is_default": True,
         "windows": dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), "09:00-12:30, 13:30-17:00")},
        by=system("cli"),
    )  # fmt: skip


def level(**values):
    """A service level; everybody's unless it says for whom."""
    given = {
        "name": "Everybody",
        "first": "4 business hours",
        "next": "1 business day",
        "resolution": "3 business days",
    }
    return create(registry["service_level"], {**given, "calendar": office(), **values}, by=system("cli"))


def marta(by, **more):
    """Marta Kowalczyk of Hotel Bellevue, with an address."""
    bellevue = create(registry["company"], {"name": "Hotel Bellevue"}, by=by)
    values = {"given_name": "Marta", "family_name": "Kowalczyk", "company": bellevue,
              "emails": [{"value": "marta@bellevue.example", "label": ""}], **more}  # fmt: skip
    return create(registry["person"], values, by=by)


def ticket(by, person=None, **values):
    """A ticket by hand."""
    given = {
        "subject": "Night porter cannot see alerts",
        "request": "Our night porter does not get the alerts.",
        **values,
    }
    return create(registry["ticket"], {**given, **({"person": person} if person is not None else {})}, by=by)


def clocks(row):
    """{kind: clock} of a ticket; of several, the last."""
    return {one.kind: one for one in row.clocks.order_by("number")}
