"""The iCalendar feed of one colleague's dated activities: read-only, addressed by a signed token.

The token carries a number kept in the colleague's preferences; raising it ends all older addresses.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.core import signing
from django.utils import timezone
from django.utils.translation import gettext as _

from kith.activities.queries import dated_of
from kith.kernel.access.actor import actor_for
from kith.kernel.accounts.queries import active_user

if TYPE_CHECKING:
    from icalendar import Event

SALT = "kith.calendar"
BACK, AHEAD = dt.timedelta(days=60), dt.timedelta(days=400)
DEFAULT_LENGTH = dt.timedelta(minutes=30)


def address(user: Any) -> str:
    """Path of this colleague's feed: a secret, since whoever has it can read the calendar."""
    number = int((user.preferences or {}).get("calendar", 0))
    return f"/calendar/{signing.dumps([user.pk, number], salt=SALT)}.ics"


def renew(user: Any) -> None:
    """End the present address."""
    user.preferences = {**(user.preferences or {}), "calendar": int((user.preferences or {}).get("calendar", 0)) + 1}
    user.save(update_fields=["preferences"])


def document(token: str) -> bytes:
    """The feed behind a token. Raises signing.BadSignature for a forged, ended or deactivated one."""
    from icalendar import Calendar  # heavy, and only calendars' own programs ask for feeds

    pk, number = signing.loads(token, salt=SALT)
    user = active_user(pk)
    if user is None or int((user.preferences or {}).get("calendar", 0)) != number:
        raise signing.BadSignature("This calendar address has ended.")
    calendar = Calendar()
    calendar.add("prodid", "-//Kith//Calendar//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", f"Kith, {user.name}")
    now = timezone.now()
    for activity in dated_of(actor_for(user, "api"), now - BACK, now + AHEAD):
        calendar.add_component(_event(activity))
    return bytes(calendar.to_ical())


def _event(activity: Any) -> Event:
    from icalendar import Event

    event = Event()
    event.add("uid", f"activity-{activity.pk}@kith")
    event.add("dtstamp", activity.updated_at)
    event.add("dtstart", activity.due_at)
    event.add(
        "dtend", activity.due_at + (dt.timedelta(minutes=activity.minutes) if activity.minutes else DEFAULT_LENGTH)
    )
    done = _("done: ") if activity.done_at else ""
    who = activity.person or activity.company or activity.deal
    event.add("summary", f"{done}{activity}" + (f" ({who})" if who else ""))
    if activity.body:
        event.add("description", activity.body)
    if activity.location:
        event.add("location", activity.location)
    event.add("last-modified", activity.updated_at)
    event.add("sequence", activity.version)
    return event
