"""When somebody can be met: hours, calendars, absences, buffers, notice, and clocks that change."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from kith.engagement.meetings.availability import times
from kith.engagement.meetings.models import Busy
from kith.engagement.meetings.tests.making import at, book, host, hours, meeting_of, moment, page
from kith.kernel.access.actor import system
from kith.kernel.records import actions
from kith.kernel.records.registry import registry
from tests.cast import actor, user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday")]


def free(made, day="2026-11-24", minutes=30):
    """ "09:00 09:30" of a day, in UTC."""
    start = moment(f"{day} 00:00")
    return " ".join(f"{one:%H:%M}" for one in times(made, minutes, start, start + dt.timedelta(days=1)).free)


def short(**more):
    return page(calendar=hours("Mornings", {"tue": "09:00-11:00", "wed": "09:00-11:00"}), **more)


def test_times_are_those_of_the_hours_and_fit_into_them():
    made = short(lengths="30, 90")
    assert free(made) == "09:00 09:30 10:00 10:30"
    assert free(made, minutes=90) == "09:00 09:30"
    assert free(made, "2026-11-26") == ""


def test_what_stands_in_the_calendar_is_not_offered_and_what_touches_it_is():
    made = short()
    meeting_of("ines", "2026-11-24 09:30", minutes=30)
    assert free(made) == "09:00 10:00 10:30"


def test_a_task_fills_time_only_when_it_has_a_length():
    made = short()
    meeting_of("ines", "2026-11-24 09:00", kind="task", minutes=None)
    assert free(made).startswith("09:00")
    meeting_of("ines", "2026-11-24 09:00", kind="task", minutes=15)
    assert free(made) == "09:30 10:00 10:30"


def test_what_repeats_is_in_the_way_every_time():
    made = short()
    meeting_of("ines", "2026-11-17 10:00", repeat="FREQ=WEEKLY", minutes=60)
    assert free(made) == "09:00 09:30" and free(made, "2026-12-01") == "09:00 09:30"
    assert free(made, "2026-11-25") == "09:00 09:30 10:00 10:30"


def test_time_is_kept_free_before_and_after():
    made = short(before=15, after=30)
    meeting_of("ines", "2026-11-24 10:00", minutes=10)
    assert free(made) == "09:00 10:30"


def test_a_meeting_that_lasts_all_day_hides_every_shorter_one():
    made = short()
    meeting_of("ines", "2026-11-23 18:00", minutes=20 * 60)
    meeting_of("ines", "2026-11-24 09:00", minutes=30)
    assert free(made) == ""


def test_somebody_who_is_away_is_not_met():
    made = short()
    values = {"user": user("ines"), "first_day": dt.date(2026, 11, 24), "last_day": dt.date(2026, 11, 24)}
    actions.create(registry["absence"], values, by=system("cli"))
    assert free(made) == "" and free(made, "2026-11-25") != ""


def test_other_calendars_count_as_well():
    made = short()
    Busy.objects.create(user=user("ines"), starts_at=moment("2026-11-24 08:00"), ends_at=moment("2026-11-24 10:00"))
    assert free(made) == "10:00 10:30"


def test_nobody_books_too_soon_nor_too_far_ahead():
    made = page(calendar=hours("Mondays", {"mon": "09:00-17:00"}), notice=90, ahead_days=7)
    assert free(made, "2026-11-23").startswith("11:30"), "it is ten, and an hour and a half is asked for"
    assert free(made, "2026-11-30") == "09:00 09:30", "seven days from now it is ten o'clock"
    assert free(made, "2026-12-07") == ""


def test_a_page_takes_so_many_a_day_and_a_host_so_many_a_week():
    made = short(most_a_day=1)
    book(made, "2026-11-24 09:00")
    assert free(made) == "" and free(made, "2026-11-25") != ""
    other = page(name="Longer talk", calendar=made.calendar)
    host(other, "ines", most_a_week=1)
    assert free(other, "2026-11-25") == "" and free(other, "2026-12-01") != ""


def test_a_pool_offers_what_any_of_it_can_do():
    made = short()
    host(made, "ines")
    host(made, "priya", calendar=hours("Afternoons", {"tue": "13:00-14:00"}))
    meeting_of("ines", "2026-11-24 09:00", minutes=120)
    assert free(made) == "13:00 13:30"


def test_who_only_reads_or_left_is_not_met():
    made = short()
    host(made, "rolf")
    assert free(made) == ""


@pytest.mark.parametrize(
    ("zone", "day", "expected"),
    [
        ("Europe/Berlin", "2027-03-28", "01:00 01:30 02:00 02:30"),  # 02:00 to 03:00 is never shown: 4 hours are 3
        (
            "Europe/Berlin",
            "2026-10-25",
            "23:00 23:30 00:00 00:30 01:00 01:30 02:00 02:30",
        ),  # 02:00 to 03:00 is shown twice
    ],
)
def test_a_night_in_which_clocks_change_has_its_own_hours(zone, day, expected):
    with at("2026-10-20 10:00:00+00:00" if day.startswith("2026") else "2027-03-25 10:00:00+00:00"):
        night = hours("Night", {"sun": "02:00-05:00" if day.startswith("2027") else "01:00-04:00"}, zone)
        made = page(calendar=night, ahead_days=30)
        there = dt.datetime.fromisoformat(day).replace(tzinfo=ZoneInfo(zone))
        found = times(made, 30, there.astimezone(dt.UTC), there.astimezone(dt.UTC) + dt.timedelta(days=2)).free
        assert " ".join(f"{one.astimezone(dt.UTC):%H:%M}" for one in found) == expected


def test_it_costs_as_many_queries_for_six_colleagues_as_for_one(django_assert_max_num_queries):
    made = short()
    for who in ("ines", "priya", "jonas", "helena", "astrid"):
        host(made, who)
        meeting_of(who, "2026-11-24 09:00")
    with django_assert_max_num_queries(9):
        assert free(made) == "10:00 10:30"


def test_hosts_are_configuration_and_only_those_who_manage_change_them():
    from kith.kernel.errors import NotAllowed

    made = page()
    with pytest.raises(NotAllowed):
        actions.create(registry["host"], {"page": made, "user": user("priya")}, by=actor("ines"))
