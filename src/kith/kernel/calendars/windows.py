"""Opening hours as people write them: "09:00-12:30, 13:30-17:00" for a day, "Mon-Fri 09:00-17:00; Sat 10:00-14:00" for a
week.

A window is (start, end) in minutes from midnight on the wall clock; a day has any number of them, none means closed.
Nothing here knows the database, a zone or a date.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import groupby

from django.utils.translation import gettext as _

from kith.kernel.errors import Invalid

Window = tuple[int, int]
Windows = tuple[Window, ...]

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MIDNIGHT = 24 * 60  # the end of a day
MOST = 12  # windows a day may have
_CLOCK = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?")
_PART = re.compile(r"\s*(?:-|–|—|to|until)\s*", re.IGNORECASE)
_CLOSED = {"", "closed", "-", "–"}
_LINE = re.compile(r"([a-z]+)\.?\s*(?:(?:-|–|to)\s*([a-z]+)\.?)?\s*:?\s+(.*)", re.IGNORECASE)


def read_windows(text: str) -> Windows:
    """The windows of one day, in order. Windows that touch become one. Raises Invalid in a sentence."""
    words = " ".join(text.split())
    if words.casefold() in _CLOSED:
        return ()
    found = sorted(_window(part) for part in re.split(r"[,;]", words) if part.strip())
    if len(found) > MOST:
        raise Invalid(_("A day has at most %(most)d windows; this one has %(n)d.") % {"most": MOST, "n": len(found)})
    out: list[Window] = []
    for start, end in found:
        if out and start < out[-1][1]:
            raise Invalid(
                _("%(a)s and %(b)s overlap; write them as one, or let one end before the other starts.")
                % {"a": say_windows((out[-1],)), "b": say_windows(((start, end),))}
            )
        if out and start == out[-1][1]:
            start = out.pop()[0]
        out.append((start, end))
    return tuple(out)


def _window(text: str) -> Window:
    ends = _PART.split(text.strip())
    if len(ends) != 2:
        raise Invalid(_("“%s” is no span of time; write it as 09:00-17:00.") % text.strip()[:60])
    start, end = (_minutes(part, text) for part in ends)
    if end == 0 and start:
        end = MIDNIGHT
    if start == end:
        raise Invalid(_("“%s” starts and ends at the same time; a whole day is 00:00-24:00.") % text.strip())
    if end < start:
        raise Invalid(
            _("“%(text)s” ends before it starts; for a night write two windows: %(first)s on this day and %(second)s on the next.")
            % {"text": text.strip(), "first": say_windows(((start, MIDNIGHT),)), "second": say_windows(((0, end),))}
        )  # fmt: skip
    return start, end


def _minutes(clock: str, text: str) -> int:
    match = _CLOCK.fullmatch(clock.strip())
    if match is None:
        raise Invalid(_("“%s” is no span of time; write it as 09:00-17:00.") % text.strip()[:60])
    hours, minutes = int(match[1]), int(match[2] or 0)
    if minutes > 59 or hours * 60 + minutes > MIDNIGHT:
        raise Invalid(_("“%s” is no time of day; a day goes from 00:00 to 24:00.") % clock.strip())
    return hours * 60 + minutes


def say_windows(windows: Windows, between: str = "-") -> str:
    """ "09:00-12:30, 13:30-17:00"; "" for a closed day. What `read_windows` reads back."""
    return ", ".join(f"{_clock(start)}{between}{_clock(end)}" for start, end in windows)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def read_week(text: str) -> dict[str, str]:
    """{day: windows in words} of the open days from one line: "Mon-Fri 09:00-17:00; Sat 10:00-14:00". Raises Invalid."""
    out: dict[str, str] = {}
    for part in re.split(r"[;\n]+", text):
        if not part.strip():
            continue
        match = _LINE.fullmatch(part.strip())
        days = _days(match[1], match[2]) if match else ()
        if match is None or not days:
            raise Invalid(
                _("“%s” does not say a day and its hours; write it as Mon-Fri 09:00-17:00.") % part.strip()[:60]
            )
        windows = say_windows(read_windows(match[3]))
        for day in days:
            if day in out:
                raise Invalid(_("%s is there twice; give each day once, with all of its hours.") % day.capitalize())
            out[day] = windows
    return {day: out[day] for day in DAYS if out.get(day)}


def _days(first: str, last: str | None) -> tuple[str, ...]:
    """The days from the first to the last one, around the end of the week where it goes there; () when unknown."""
    keys = [word[:3].casefold() for word in (first, last or first)]
    if any(key not in DAYS for key in keys):
        return ()
    start, end = (DAYS.index(key) for key in keys)
    return tuple(DAYS[n % 7] for n in range(start, (end if end >= start else end + 7) + 1))


def runs(week: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """(first day, last day, windows in words) of days in a row that are open alike; closed days are left out."""
    out = []
    for words, days in groupby(DAYS, key=lambda day: week.get(day, "")):
        row = list(days)
        if words:
            out.append((row[0], row[-1], words))
    return out


def say_week(week: Mapping[str, str]) -> str:
    """ "Mon-Fri 09:00-17:00; Sat 10:00-14:00", what `read_week` reads back."""
    return "; ".join(
        f"{first.capitalize()}{f'-{last.capitalize()}' if last != first else ''} {words}"
        for first, last, words in runs(week)
    )
