"""Laws of business time, and agreement with a clerk who walks through every minute, on days when clocks change too."""

import datetime as dt
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from kith.kernel.calendars.tests.made import calendar
from kith.kernel.calendars.windows import say_windows

ZONES = [
    ZoneInfo(z)
    for z in ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Havana", "Asia/Kolkata", "UTC")
]
MINUTE = dt.timedelta(minutes=1)


@st.composite
def windows(draw, most=3, until=96):
    cuts = sorted(draw(st.sets(st.integers(0, until), min_size=2, max_size=2 * most)))
    return tuple((a * 15, b * 15) for a, b in zip(cuts[::2], cuts[1::2], strict=False))


@st.composite
def calendars(draw):
    names = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
    week = {name: draw(windows()) for name in draw(st.sets(st.sampled_from(names), min_size=1))}
    days = st.dates(dt.date(2026, 1, 1), dt.date(2026, 12, 31)).map(str)
    off = draw(st.sets(days, max_size=5))
    extra = draw(st.dictionaries(days, windows().map(say_windows), max_size=3))
    words = "; ".join(f"{day} {say_windows(found)}" for day, found in week.items())
    return calendar(words, draw(st.sampled_from(ZONES)), off, extra)


@st.composite
def nights(draw):
    """Open in the small hours, in which clocks change."""
    words = "; ".join(f"{day} {say_windows(draw(windows(4, 16)))}" for day in ("Fri", "Sat", "Sun"))
    return calendar(words, draw(st.sampled_from(ZONES[:4])))


FIRST = dt.datetime(2026, 1, 2, tzinfo=dt.UTC)
moments = st.integers(0, 363 * 24 * 3600).map(lambda s: FIRST + dt.timedelta(seconds=s))
lengths = st.integers(-300 * 3600, 300 * 3600).map(lambda s: dt.timedelta(seconds=s))
LAWS = settings(max_examples=80, deadline=None)


@LAWS
@given(calendars(), moments, lengths)
def test_what_was_added_lies_between(cal, start, business):
    assert cal.between(start, cal.add(start, business)) == business


@LAWS
@given(calendars(), moments, lengths)
def test_what_is_added_ends_while_open_or_at_the_very_close(cal, start, business):
    end = cal.add(start, business)
    if business > dt.timedelta():
        assert cal.is_open(end - dt.timedelta(microseconds=1))
    if business < dt.timedelta():
        assert cal.is_open(end)


@LAWS
@given(calendars(), moments, moments, moments)
def test_spans_add_up(cal, a, b, c):
    assert cal.between(a, b) + cal.between(b, c) == cal.between(a, c)


@LAWS
@given(calendars(), moments, moments, lengths)
def test_later_starts_end_later(cal, a, b, business):
    a, b = min(a, b), max(a, b)
    assert cal.add(a, business) <= cal.add(b, business) or not business
    assert dt.timedelta() <= cal.between(a, b) <= b - a


@LAWS
@given(calendars(), moments, moments, st.integers(1, 30))
def test_business_days_go_forward_with_their_start(cal, a, b, days):
    a, b = min(a, b), max(a, b)
    assert cal.add_days(a, days) <= cal.add_days(b, days)
    assert cal.add_days(b, -days) < b < cal.add_days(b, days)
    assert cal.add_days(b, days) <= cal.add_days(b, days + 1)


@LAWS
@given(calendars(), moments)
def test_the_next_opening_is_open_and_nothing_before_it(cal, at):
    opens = cal.next_open(at)
    assert cal.is_open(opens)
    assert cal.between(at, opens) == dt.timedelta()
    assert cal.is_open(at) == (opens == at)


def walk(cal, start, minutes):
    """Which of the minutes from `start` on are open, told by looking at the clock on the wall each minute. What clocks
    show again after they went back is the same hour of the day as before: it neither opens nor closes anything."""
    latest, seen = None, []
    at = start - 26 * 60 * MINUTE
    for n in range(minutes + 26 * 60):
        wall = at.astimezone(cal.zone).replace(tzinfo=None)
        latest = wall if latest is None else max(latest, wall)
        if n >= 26 * 60:
            clock = latest.hour * 60 + latest.minute
            seen.append(any(a <= clock < b for a, b in cal.windows_on(latest.date())))
        at += MINUTE
    return seen


CHANGES = {  # when clocks change, in UTC
    "Europe/Berlin": ("2026-03-29T01:00", "2026-10-25T01:00"), "America/New_York": ("2026-03-08T07:00", "2026-11-01T06:00"),
    "Australia/Lord_Howe": ("2026-10-03T15:30", "2026-04-04T15:00"), "America/Havana": ("2026-03-08T05:00", "2026-11-01T05:00"),
    "Asia/Kolkata": ("2026-03-29T01:00", "2026-10-25T01:00"), "UTC": ("2026-03-29T01:00", "2026-10-25T01:00"),
}  # fmt: skip


@settings(max_examples=120, deadline=None)
@given(calendars() | nights(), st.integers(0, 1), st.integers(0, 240), st.integers(120, 900), st.integers(1, 300))
def test_a_clerk_who_walks_every_minute_agrees(cal, which, earlier, minutes, business):
    change = dt.datetime.fromisoformat(CHANGES[str(cal.zone)][which]).replace(tzinfo=dt.UTC)
    start = change - earlier * MINUTE
    seen = walk(cal, start, minutes)
    assert cal.between(start, start + minutes * MINUTE) == sum(seen) * MINUTE
    assert [cal.is_open(start + n * MINUTE) for n in range(0, minutes, 5)] == seen[::5]
    if sum(seen) >= business:
        worked = [n for n, is_open in enumerate(seen) if is_open][business - 1]
        assert cal.add(start, business * MINUTE) == start + (worked + 1) * MINUTE
