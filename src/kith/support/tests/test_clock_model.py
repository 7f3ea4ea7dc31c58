"""The model of clocks against a second implementation that knows nothing of it: minute by minute, with its own calendar."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kith.kernel.calendars.hours import Calendar
from kith.kernel.calendars.span import Span, parse_span
from kith.support.clocks.model import Kind, Moment, State, What, clocks, share, time_of

BERLIN = ZoneInfo("Europe/Berlin")
MINUTE = dt.timedelta(minutes=1)
OFFICE = ((540, 750), (810, 1020))  # 09:00-12:30, 13:30-17:00
WEEKS = {
    "office": (OFFICE,) * 5 + ((), ()),
    "every day, all day": (((0, 1440),),) * 7,
    "evenings and Saturday": (((960, 1320),),) * 5 + (((600, 840),), ()),
    "nights, over the change of clocks": (((90, 240), (600, 660)),) * 7,
}
# Winter, the weekend of the change to summer time, and of the change back.
STARTS = [dt.datetime(2026, 1, 14, 8, 0), dt.datetime(2026, 3, 27, 14, 0), dt.datetime(2026, 10, 23, 11, 0)]
TARGETS = ["90 min", "5 h", "45 business minutes", "4 business hours", "1 business day", "2 business days"]


def calendar(week, off=()):
    return Calendar(BERLIN, WEEKS[week], lambda year: {d: "closed" for d in off if d.year == year})


def open_minute(week, off, at):
    """Is this minute open, on the clock on the wall?"""
    wall = at.astimezone(BERLIN)
    if wall.date() in off:
        return False
    minutes = wall.hour * 60 + wall.minute
    return any(a <= minutes < b for a, b in WEEKS[week][wall.weekday()])


def naive(moments, kind, span, week, off, now):
    """(state, due or None, broke or None) of each clock of that kind, found by walking from minute to minute."""
    found, clock, answered, queue = [], None, False, list(moments)
    at = queue[0].at if queue else now
    while at <= now:
        while queue and queue[0].at <= at:
            what = queue.pop(0).what
            starts = what is What.OPENED if kind is not Kind.NEXT else what is What.CAME and answered
            if starts and (clock is None or (clock["over"] and kind is Kind.NEXT)):
                clock = {"runs": True, "over": False, "void": False, "left": budget(span, week, off, at), "broke": None, "since": at}  # fmt: skip
                clock["due"] = at if clock["left"] == 0 else None
                found.append(clock)
            elif clock is not None and not clock["over"]:
                ends = {What.SOLVED} | ({What.ANSWERED} if kind is not Kind.RESOLUTION else set())
                if what in ends:
                    clock["over"], clock["runs"] = True, False
                elif what is What.STOPPED:
                    clock["over"], clock["runs"], clock["void"] = True, False, True
                elif kind is not Kind.FIRST and what is What.WAITS:
                    clock["runs"] = False
                elif kind is not Kind.FIRST and what in (What.CAME, What.RESUMES):
                    clock["runs"] = True
            elif clock is not None and clock["over"] and not clock["void"] and kind is Kind.RESOLUTION and what is What.REOPENED:  # fmt: skip
                clock["over"], clock["runs"] = False, True
            answered = answered or what in (What.ANSWERED, What.SOLVED)
        if at == now:
            break
        if clock is not None and clock["runs"] and not clock["over"]:
            if clock["left"] == 0 and clock["broke"] is None:
                clock["broke"] = at
            if not span.business or open_minute(week, off, at):
                clock["left"] = max(0, clock["left"] - 1)
        at += MINUTE
    return [
        "void" if one["void"] else "broken" if one["broke"] is not None else "met" if one["over"] else "running" if one["runs"] else "paused"
        for one in found
    ], [one["broke"] for one in found]  # fmt: skip


def budget(span, week, off, start):
    """Minutes of the clock's own time that a target leaves from that start."""
    if not span.business:
        return int(span.length / MINUTE)
    if span.unit != "days":
        return int(span.length / MINUTE)
    end, minutes, at = span.after(start, calendar(week, off)), 0, start
    while at < end:
        minutes += open_minute(week, off, at)
        at += MINUTE
    return minutes


@st.composite
def stories(draw):
    """A ticket is opened, and then anything happens to it, in any order."""
    at = draw(st.sampled_from(STARTS)).replace(tzinfo=BERLIN).astimezone(dt.UTC)
    moments = [Moment(at, What.OPENED)]
    for _n in range(draw(st.integers(0, 8))):
        at += MINUTE * draw(st.integers(0, 700))
        moments.append(Moment(at, draw(st.sampled_from([w for w in What if w is not What.OPENED]))))
    return moments, at + MINUTE * draw(st.integers(0, 900))


@settings(max_examples=150, deadline=None)
@given(
    story=stories(), kind=st.sampled_from(list(Kind)), target=st.sampled_from(TARGETS), week=st.sampled_from(sorted(WEEKS)),
    off=st.sampled_from([(), (dt.date(2026, 1, 15),), (dt.date(2026, 3, 30), dt.date(2026, 10, 26))]),
)  # fmt: skip
def test_clocks_say_what_counting_the_minutes_says(story, kind, target, week, off):
    moments, now = story
    span = parse_span(target)
    read = clocks(moments, {kind: time_of(span, calendar(week, off))}, now)
    states, broke = naive(moments, kind, span, week, off, now)
    assert [one.state.value for one in read] == states
    # Time used up at the end of a day is due there; counting minutes finds it open and over at the same moment.
    assert [one.broke for one in read] == broke


@settings(max_examples=100, deadline=None)
@given(story=stories(), kind=st.sampled_from(list(Kind)), target=st.sampled_from(TARGETS))
def test_what_a_clock_says_of_yesterday_does_not_depend_on_what_comes_after(story, kind, target):
    moments, now = story
    time = {kind: time_of(parse_span(target), calendar("office"))}
    middle = moments[len(moments) // 2].at
    early = clocks([m for m in moments if m.at <= middle], time, middle)
    later = clocks(moments, time, now)
    assert [(c.started, c.broke) for c in early if c.broke] == [(c.started, c.broke) for c in later if c.broke and c.broke < middle]  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(story=stories(), kind=st.sampled_from(list(Kind)))
def test_the_stretches_of_a_clock_follow_each_other_without_a_gap_and_none_is_open_but_the_last(story, kind):
    moments, now = story
    for one in clocks(moments, {kind: time_of(Span(4, "h", True), calendar("office"))}, now):
        assert all(s.ends is not None for s in one.stretches[:-1])
        if kind is not Kind.RESOLUTION:  # solved and reopened: nothing is counted between
            assert all(a.ends == b.begins for a, b in zip(one.stretches, one.stretches[1:], strict=False))
        assert (one.due is None) or one.live


def at(words):
    return dt.datetime.fromisoformat(words).replace(tzinfo=BERLIN)


def test_an_answer_at_the_very_moment_it_is_due_keeps_the_clock_and_a_minute_later_breaks_it():
    time = {Kind.FIRST: time_of(parse_span("4 business hours"), calendar("office"))}
    opened = Moment(at("2026-03-12 09:00"), What.OPENED)  # four hours: until 13:30 closed from 12:30, so 14:00
    kept = clocks([opened, Moment(at("2026-03-12 14:00"), What.ANSWERED)], time, at("2026-03-12 18:00"))
    late = clocks([opened, Moment(at("2026-03-12 14:01"), What.ANSWERED)], time, at("2026-03-12 18:00"))
    assert [kept[0].state, late[0].state] == [State.MET, State.BROKEN]
    assert late[0].broke == at("2026-03-12 14:00")


def test_waiting_for_them_stops_the_resolution_and_each_stretch_says_why():
    time = {Kind.RESOLUTION: time_of(parse_span("4 business hours"), calendar("office"))}
    moments = [
        Moment(at("2026-03-12 09:00"), What.OPENED, "Marta wrote"), Moment(at("2026-03-12 10:00"), What.WAITS, "Tomasz waits for Marta"),
        Moment(at("2026-03-13 10:00"), What.CAME, "Marta wrote"),
    ]  # fmt: skip
    one = clocks(moments, time, at("2026-03-13 10:30"))[0]
    assert [(s.state, s.why) for s in one.stretches] == [
        (State.RUNNING, "Marta wrote"), (State.PAUSED, "Tomasz waits for Marta"), (State.RUNNING, "Marta wrote"),
    ]  # fmt: skip
    assert one.used == dt.timedelta(hours=1.5)
    assert one.due == at("2026-03-13 14:00")


def test_waiting_does_not_stop_the_first_reply():
    time = {Kind.FIRST: time_of(parse_span("1 business hour"), calendar("office"))}
    moments = [Moment(at("2026-03-12 09:00"), What.OPENED), Moment(at("2026-03-12 09:10"), What.WAITS)]
    assert clocks(moments, time, at("2026-03-12 11:00"))[0].state is State.BROKEN


@pytest.mark.parametrize(
    ("day", "due"), [("2026-03-28 22:00", "2026-03-29 07:00"), ("2026-10-24 22:00", "2026-10-25 05:00")]
)
def test_hours_are_hours_that_passed_when_the_clocks_change_in_the_night(day, due):
    """Eight hours over the night in which clocks go forward end an hour later on the wall, and one earlier when they go back."""
    time = {Kind.FIRST: time_of(parse_span("8 h"), calendar("office"))}
    one = clocks([Moment(at(day), What.OPENED)], time, at(day))[0]
    assert one.due.astimezone(BERLIN) == at(due)


def test_a_holiday_that_is_added_later_moves_what_still_runs_and_leaves_what_is_over():
    moments = [Moment(at("2026-03-12 16:00"), What.OPENED)]
    span, day = parse_span("2 business hours"), dt.date(2026, 3, 13)
    before, after = (time_of(span, calendar("office", off)) for off in ((), (day,)))
    assert clocks(moments, {Kind.FIRST: before}, moments[0].at)[0].due == at("2026-03-13 10:00")
    assert clocks(moments, {Kind.FIRST: after}, moments[0].at)[0].due == at("2026-03-16 10:00")


def test_shares_of_the_time_are_dated_over_rests():
    time = time_of(parse_span("4 business hours"), calendar("office"))
    moments = [Moment(at("2026-03-12 09:00"), What.OPENED), Moment(at("2026-03-12 10:00"), What.WAITS), Moment(at("2026-03-13 10:00"), What.RESUMES)]  # fmt: skip
    one = clocks(moments, {Kind.RESOLUTION: time}, at("2026-03-13 10:00"))[0]
    assert share(one, time, 50) == at("2026-03-13 11:00")
    assert share(one, time, 25) == at("2026-03-13 10:00")
