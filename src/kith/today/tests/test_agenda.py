"""The day as it is booked, with its free time."""

import datetime as dt

from kith.today.agenda import Booked, lines


def at(clock):
    hour, minute = clock.split(":")
    return dt.datetime(2026, 3, 12, int(hour), int(minute), tzinfo=dt.UTC)


def told(booked, now):
    return [
        f"{line.at:%H:%M} {line.kind}" + (f" {line.minutes}" if line.kind == "free" else "")
        for line in lines(booked, at(now))
    ]


def meeting(start, end):
    return Booked(at(start), at(end), "Meeting")


def test_free_time_stands_between_what_is_booked_from_now_on():
    booked = [
        meeting("08:30", "08:45"),
        meeting("09:30", "10:30"),
        meeting("11:00", "12:00"),
        meeting("15:00", "16:00"),
    ]
    assert told(booked, "08:56") == [
        "08:30 past", "08:56 now", "09:00 free 30", "09:30 booked", "10:30 free 30", "11:00 booked", "12:00 free 180",
        "15:00 booked", "16:00 free 120",
    ]  # fmt: skip


def test_less_than_half_an_hour_is_not_offered_and_what_overlaps_is_one_stretch():
    booked = [meeting("08:00", "12:00"), meeting("10:00", "11:00"), meeting("12:20", "17:45")]
    assert told(booked, "07:30") == ["07:30 now", "08:00 booked", "10:00 booked", "12:20 booked"]


def test_before_eight_and_after_six_nothing_is_free():
    assert told([], "06:00") == ["06:00 now", "08:00 free 600"]
    assert told([meeting("19:00", "20:00")], "18:10") == ["18:10 now", "19:00 booked"]
    assert told([], "17:40") == ["17:40 now"]


def test_a_meeting_that_goes_on_is_not_past():
    assert told([meeting("09:00", "10:00")], "09:30")[:2] == ["09:00 booked", "09:30 now"]
