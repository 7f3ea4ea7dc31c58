"""When mails of a mailing may leave, on the clocks of those who get them: a window as sequences have it, or any time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from kith.engagement.queries import window_of
from kith.kernel.calendars.windows import read_week
from kith.kernel.errors import Invalid
from kith.kernel.organisation.models import current
from kith.kernel.zones import zone


def check_window(words: str) -> None:
    """Raises Invalid for words that say no hours."""
    if words.strip():
        try:
            read_week(words)
        except Invalid as problem:
            raise Invalid(problem.message, "window") from None


def zone_name(name: str) -> str:
    """A time zone that exists: this one, else the organisation's."""
    return name if name and zone(name).key == name else str(current().time_zone)


def open_zones(words: str, zones: Iterable[str], now: dt.datetime) -> tuple[list[str], dt.datetime | None]:
    """(zones in which mails may leave now, when the next of the others opens or None)."""
    opens = {name: window_of(words, zone_name(name)).next_open(now) for name in zones}
    later = [at for at in opens.values() if at > now]
    return [name for name, at in opens.items() if at <= now], min(later, default=None)
