"""Working time by hand-counted examples: lunch, weekends, holidays, clock changes, nights, and calendars that never close."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from kith.kernel.calendars.hours import Calendar, always_open
from kith.kernel.calendars.tests.made import BERLIN, H, M, at, calendar, shown
from kith.kernel.errors import Invalid

OFFICE = calendar()
LUNCH = calendar("Mon-Fri 09:00-12:30, 13:30-17:00")
NIGHTS = calendar("Mon-Sun 00:00-06:00, 22:00-24:00")


def test_a_day_counts_its_windows_and_not_the_lunch_between_them():
    assert LUNCH.between(at("2026-03-12 08:00"), at("2026-03-12 20:00")) == 7 * H
    assert LUNCH.between(at("2026-03-12 12:00"), at("2026-03-12 14:00")) == H


def test_a_weekend_counts_nothing_and_backwards_counts_negative():
    friday, monday = at("2026-03-13 16:00"), at("2026-03-16 10:00")
    assert OFFICE.between(friday, monday) == 2 * H
    assert OFFICE.between(monday, friday) == -2 * H


def test_eight_hours_end_with_the_day_and_not_on_the_next_morning():
    assert shown(OFFICE.add(at("2026-03-12 09:00"), 8 * H)) == "Thu 2026-03-12 17:00"
    assert shown(OFFICE.add(at("2026-03-12 09:00"), 8 * H + M)) == "Fri 2026-03-13 09:01"


def test_a_clock_that_starts_on_a_closed_day_runs_from_the_next_opening():
    assert shown(OFFICE.add(at("2026-03-14 11:00"), 2 * H)) == "Mon 2026-03-16 11:00"


def test_a_warning_four_hours_before_goes_back_over_the_weekend():
    assert shown(OFFICE.add(at("2026-03-16 11:00"), -4 * H)) == "Fri 2026-03-13 15:00"


def test_going_back_a_whole_day_leads_to_its_opening():
    assert shown(OFFICE.add(at("2026-03-12 17:00"), -8 * H)) == "Thu 2026-03-12 09:00"


def test_nothing_added_changes_nothing_even_while_closed():
    sunday = at("2026-03-15 03:00")
    assert OFFICE.add(sunday, dt.timedelta()) == sunday
    assert OFFICE.add_days(sunday, 0) == sunday


def test_days_off_are_closed_and_days_with_other_hours_are_open():
    own = calendar(off=["2026-12-24", "2026-12-25"], extra={"2026-12-19": "10:00-14:00", "2026-12-25": "09:00-10:00"})
    assert own.between(at("2026-12-24 00:00"), at("2026-12-25 00:00")) == dt.timedelta()
    assert own.between(at("2026-12-19 00:00"), at("2026-12-20 00:00")) == 4 * H
    assert own.between(at("2026-12-25 00:00"), at("2026-12-26 00:00")) == H


def test_time_across_the_end_of_a_year_is_counted_once():
    assert OFFICE.between(at("2026-12-31 16:00"), at("2027-01-01 10:00")) == 2 * H
    assert shown(OFFICE.add(at("2026-12-31 16:00"), 2 * H)) == "Fri 2027-01-01 10:00"


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 7), ("2026-10-25", 9), ("2026-03-28", 8)])
def test_a_night_on_which_clocks_change_is_an_hour_shorter_or_longer(day, hours):
    assert NIGHTS.between(at(f"{day} 00:00"), at(f"{day} 00:00") + dt.timedelta(days=1)) == hours * H


def test_working_time_is_time_that_passed_when_clocks_go_forward():
    early = calendar("Sun 01:00-05:00")
    assert early.between(at("2026-03-29 01:00"), at("2026-03-29 05:00")) == 3 * H
    assert shown(early.add(at("2026-03-29 01:30"), H)) == "Sun 2026-03-29 03:30"


def test_hours_that_clocks_leave_out_are_not_worked():
    gap = calendar("Sun 02:00-03:00; Mon 09:00-10:00")
    assert gap.between(at("2026-03-29 00:00"), at("2026-03-30 00:00")) == dt.timedelta()
    assert shown(gap.next_open(at("2026-03-29 00:00"))) == "Mon 2026-03-30 09:00"
    half = calendar("Sun 02:30-04:00")
    assert half.between(at("2026-03-29 00:00"), at("2026-03-30 00:00")) == H


def test_hours_that_clocks_show_twice_open_and_close_the_first_time():
    twice = calendar("Sun 02:00-02:30")
    assert twice.between(at("2026-10-25 00:00"), at("2026-10-26 00:00")) == 30 * M
    assert twice.is_open(at("2026-10-25 02:15"))
    assert not twice.is_open(at("2026-10-25 02:15", fold=1))


def test_two_windows_that_meet_in_the_hour_shown_twice_leave_nothing_out():
    both = calendar("Sun 00:00-02:30"), calendar("Sun 02:30-24:00")
    assert sum((c.between(at("2026-10-25 00:00"), at("2026-10-26 00:00")) for c in both), dt.timedelta()) == 25 * H


def test_a_day_that_a_place_left_out_has_no_working_time():
    apia = calendar("Mon-Sun 09:00-17:00", zone=ZoneInfo("Pacific/Apia"))
    assert apia.between(at("2011-12-29 18:00", apia.zone), at("2011-12-31 08:00", apia.zone)) == dt.timedelta()
    assert shown(apia.add_days(at("2011-12-29 10:00", apia.zone), 1), apia.zone) == "Sat 2011-12-31 10:00"


def test_midnight_that_clocks_leave_out_opens_when_they_have_jumped():
    beirut = calendar("Sun 00:00-08:00", zone=ZoneInfo("Asia/Beirut"))  # 2026-03-29: 00:00 is 01:00
    assert beirut.between(at("2026-03-28 12:00", beirut.zone), at("2026-03-29 12:00", beirut.zone)) == 7 * H


def test_a_calendar_that_never_closes_measures_time():
    cal = always_open(BERLIN)
    a, b = at("2020-02-29 13:07"), at("2026-10-25 02:30", fold=1)
    assert cal.between(a, b) == b.astimezone(dt.UTC) - a.astimezone(dt.UTC)
    assert cal.add(a, 2000 * H).astimezone(dt.UTC) == a.astimezone(dt.UTC) + 2000 * H
    assert cal.is_open(a) and cal.next_open(a) == a


def test_a_night_shift_in_two_windows_is_one_stretch():
    assert shown(NIGHTS.add(at("2026-03-12 23:00"), 3 * H)) == "Fri 2026-03-13 02:00"
    assert shown(NIGHTS.closes(at("2026-03-12 23:00"))) == "Fri 2026-03-13 06:00"


def test_open_now_opens_next_and_closes():
    assert OFFICE.is_open(at("2026-03-12 09:00"))
    assert not OFFICE.is_open(at("2026-03-12 17:00"))
    assert shown(OFFICE.next_open(at("2026-03-13 17:00"))) == "Mon 2026-03-16 09:00"
    assert shown(OFFICE.closes(at("2026-03-12 10:00"))) == "Thu 2026-03-12 17:00"
    assert OFFICE.closes(at("2026-03-14 10:00")) is None


@pytest.mark.parametrize(
    ("start", "days", "due"),
    [
        ("2026-03-09 14:00", 3, "Thu 2026-03-12 14:00"),
        ("2026-03-13 16:59", 1, "Mon 2026-03-16 16:59"),
        ("2026-03-13 17:00", 1, "Mon 2026-03-16 17:00"),
        ("2026-03-13 17:01", 1, "Tue 2026-03-17 09:00"),
        ("2026-03-14 11:00", 1, "Tue 2026-03-17 09:00"),
        ("2026-03-12 07:00", 1, "Fri 2026-03-13 09:00"),
        ("2026-03-12 14:00", -2, "Tue 2026-03-10 14:00"),
        ("2026-03-14 11:00", -1, "Thu 2026-03-12 17:00"),
        ("2026-12-31 10:00", 1, "Fri 2027-01-01 10:00"),
    ],
)
def test_business_days_keep_the_clock_time(start, days, due):
    assert shown(OFFICE.add_days(at(start), days)) == due


def test_business_days_end_within_the_hours_of_the_last_day():
    short = calendar("Mon-Thu 09:00-12:30, 13:30-17:00; Fri 10:00-14:00")
    assert shown(short.add_days(at("2026-03-12 16:00"), 1)) == "Fri 2026-03-13 14:00"
    assert shown(short.add_days(at("2026-03-12 09:15"), 1)) == "Fri 2026-03-13 10:00"
    assert shown(short.add_days(at("2026-03-13 13:00"), 1)) == "Mon 2026-03-16 12:30"


def test_business_days_pass_over_days_off_and_count_the_extra_ones():
    own = calendar(off=["2026-12-24", "2026-12-25"], extra={"2026-12-26": "10:00-14:00"})
    assert shown(own.add_days(at("2026-12-23 11:00"), 1)) == "Sat 2026-12-26 11:00"
    assert shown(own.add_days(at("2026-12-23 11:00"), 2)) == "Mon 2026-12-28 11:00"


def test_one_business_day_after_another_is_two():
    evening = calendar("Mon-Fri 16:00-24:00")
    start = at("2026-03-13 23:30")
    assert evening.add_days(evening.add_days(start, 1), 1) == evening.add_days(start, 2)
    assert shown(evening.add_days(at("2026-03-14 00:00"), 1)) == "Tue 2026-03-17 00:00"


def test_answers_stand_in_the_zone_of_the_question():
    asked = dt.datetime(2026, 3, 12, 8, tzinfo=dt.UTC)
    assert OFFICE.add(asked, H).tzinfo is dt.UTC
    assert OFFICE.add(asked, H) == dt.datetime(2026, 3, 12, 9, tzinfo=dt.UTC)


def test_a_moment_without_a_zone_is_refused():
    with pytest.raises(TypeError):
        OFFICE.between(dt.datetime(2026, 3, 12), dt.datetime(2026, 3, 13))


def test_microseconds_are_kept():
    start = at("2026-03-12 09:00") + dt.timedelta(microseconds=1)
    assert OFFICE.add(start, dt.timedelta(microseconds=1)) - start == dt.timedelta(microseconds=1)


def test_a_calendar_that_never_opens_is_refused():
    with pytest.raises(Invalid, match="at least one day opening hours"):
        Calendar(BERLIN, ((),) * 7)


def test_moments_beyond_the_known_years_are_closed_and_waits_that_lead_there_refused():
    far = dt.datetime(9999, 12, 30, tzinfo=dt.UTC)
    assert not OFFICE.is_open(far)
    assert OFFICE.between(far, far + dt.timedelta(hours=20)) == dt.timedelta()
    assert OFFICE.between(dt.datetime.min.replace(tzinfo=dt.UTC), at("1900-01-01 09:00")) == dt.timedelta()
    for ask in (
        lambda: OFFICE.add(far, H),
        lambda: OFFICE.next_open(far),
        lambda: OFFICE.add_days(far, 1),
        lambda: OFFICE.add(dt.datetime.min.replace(tzinfo=dt.UTC), -H),
    ):
        with pytest.raises(Invalid, match="1900 to 2199"):
            ask()


def test_what_was_worked_out_for_one_year_serves_every_later_question():
    asked = []
    own = Calendar(BERLIN, OFFICE.week, lambda year: asked.append(year) or {})
    for _n in range(3):
        own.between(at("2026-03-12 09:00"), at("2026-03-13 09:00"))
        own.between(at("2025-03-12 09:00"), at("2026-03-13 09:00"))
    assert sorted(asked) == [2025, 2026]
