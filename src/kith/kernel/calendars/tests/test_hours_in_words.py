"""Hours, weeks and dates as people type them: what is read, and the sentence for what cannot be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kith.kernel.calendars.dates import DaysOff, SpecialDays
from kith.kernel.calendars.kinds import HolidayPlace, Week
from kith.kernel.calendars.windows import read_week, read_windows, say_week, say_windows
from kith.kernel.errors import Invalid

NINE_TO_FIVE = ((540, 1020),)


@pytest.mark.parametrize(
    "text", ["09:00-17:00", "9-17", " 9:00 – 17:00 ", "9.00 to 17.00", "9-12, 12-17", "13-17, 9-13"]
)
def test_hours_are_read_however_they_are_written(text):
    assert read_windows(text) == NINE_TO_FIVE


@pytest.mark.parametrize("text", ["", "  ", "closed", "-", "Closed"])
def test_nothing_means_closed(text):
    assert read_windows(text) == ()


def test_a_whole_day_goes_from_midnight_to_midnight():
    assert read_windows("00:00-24:00") == read_windows("0-24") == ((0, 1440),)
    assert read_windows("22:00-00:00") == ((1320, 1440),)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("22:00-06:00", "write two windows: 22:00-24:00 on this day and 00:00-06:00 on the next"),
        ("09:00-13:00, 12:00-17:00", "09:00-13:00 and 12:00-17:00 overlap"),
        ("09:00-09:00", "starts and ends at the same time"),
        ("09:00-25:00", "“25:00” is no time of day"),
        ("09:75-10:00", "“09:75” is no time of day"),
        ("24:30-24:45", "no time of day"),
        ("nine to five", "“nine to five” is no span of time; write it as 09:00-17:00"),
        ("09:00", "“09:00” is no span of time"),
        (", ".join(f"{n:02d}:00-{n:02d}:30" for n in range(13)), "at most 12 windows"),
    ],
)
def test_hours_that_cannot_be_are_refused_in_one_sentence(text, sentence):
    with pytest.raises(Invalid) as refused:
        read_windows(text)
    assert sentence in refused.value.message
    assert refused.value.message.endswith(".")


@given(st.sets(st.integers(0, 1440), min_size=2, max_size=12))
def test_hours_come_back_as_they_were_said(cuts):
    ordered = sorted(cuts)
    windows = tuple(zip(ordered[::2], ordered[1::2], strict=False))
    assert read_windows(say_windows(windows)) == windows


def test_a_week_is_read_from_a_line_and_said_in_one():
    week = read_week("Mon-Thu 9-17; Friday: 09:00-12:30, 13:30-15:00; Sat closed")
    assert say_week(week) == "Mon-Thu 09:00-17:00; Fri 09:00-12:30, 13:30-15:00"
    assert read_week(say_week(week)) == week
    assert read_week("Sat-Mon 10-12") == {"mon": "10:00-12:00", "sat": "10:00-12:00", "sun": "10:00-12:00"}


@pytest.mark.parametrize("line", ["Mon 9-17; Mon-Tue 8-9", "Someday 9-17", "9-17", "Mon"])
def test_a_week_that_cannot_be_read_is_refused(line):
    with pytest.raises(Invalid):
        read_week(line)


def test_a_wrong_day_of_the_form_is_named():
    with pytest.raises(Invalid, match="Tuesday: “22:00-06:00” ends before it starts"):
        Week().parse({"mon": "9-17", "tue": "22:00-06:00"})
    with pytest.raises(Invalid, match="“xyz” is no day; the days are mon, tue"):
        Week().parse({"xyz": "9-17"})


def test_a_week_is_shown_in_runs_of_days():
    assert (
        Week().show({"mon": "09:00-17:00", "tue": "09:00-17:00", "thu": "10:00-12:00"})
        == "Mon–Tue 09:00–17:00; Thu 10:00–12:00"
    )


def test_days_off_are_one_a_line_single_or_several():
    kind = DaysOff()
    value = kind.parse("2026-12-28 to 2026-12-31 Works holiday\n\n2026-12-24: Christmas Eve\n2027-05-14")
    assert value == [
        {"day": "2026-12-24", "name": "Christmas Eve"},
        {"day": "2026-12-28", "until": "2026-12-31", "name": "Works holiday"},
        {"day": "2027-05-14", "name": ""},
    ]
    assert kind.parse(kind.edit(value)) == value
    assert kind.take(value) == value


def test_days_with_other_hours_are_one_a_line():
    kind = SpecialDays()
    value = kind.parse("2026-12-19 10-14, 15:00-16:30 Stocktaking\n2026-12-20 9-10")
    assert value[0] == {"day": "2026-12-19", "windows": "10:00-14:00, 15:00-16:30", "name": "Stocktaking"}
    assert kind.parse(kind.edit(value)) == value


@pytest.mark.parametrize(
    ("kind", "text", "sentence"),
    [
        (DaysOff, "24.12. Christmas", "“24.12. Christmas” does not begin with a date"),
        (DaysOff, "2026-02-30 Nothing", "“2026-02-30” is no date"),
        (DaysOff, "2026-12-24 Eve\n2026-12-20 to 2026-12-26 Works holiday", "2026-12-24 is there twice"),
        (DaysOff, "2026-12-24 to 2026-12-20", "must go forward"),
        (DaysOff, "2026-12-24 " + "x" * 200, "longer than 120 characters"),
        (SpecialDays, "2026-12-19 Stocktaking", "needs a date and hours"),
        (SpecialDays, "2026-12-19 14:00-10:00", "2026-12-19: “14:00-10:00” ends before it starts"),
        (SpecialDays, "2026-12-19 9-10\n2026-12-19 11-12", "2026-12-19 is there twice"),
    ],
)
def test_dates_that_cannot_be_are_refused_in_one_sentence(kind, text, sentence):
    with pytest.raises(Invalid) as refused:
        kind().parse(text)
    assert sentence in refused.value.message


@pytest.mark.parametrize(
    "value", [[{"day": 5}], [{"day": "2026-12-19T00:00"}], [7], [{"day": "2026-12-19", "what": "x"}], {"a": 1}]
)
def test_dates_of_a_careless_program_are_refused(value):
    with pytest.raises(Invalid):
        DaysOff().take(value)


@pytest.mark.parametrize(
    ("words", "place"),
    [
        ("DE-BY", "DE-BY"),
        ("de-by", "DE-BY"),
        ("Germany", "DE"),
        ("germany, bayern", "DE-BY"),
        ("", ""),
        ("FR-Zone A", "FR-Zone A"),
    ],
)
def test_a_place_with_public_holidays_is_found_by_code_and_by_name(words, place):
    assert HolidayPlace().parse(words) == place


def test_a_place_without_known_holidays_is_refused():
    with pytest.raises(Invalid, match="No public holidays are known for “Atlantis”; choose a country or a region"):
        HolidayPlace().parse("Atlantis")
    with pytest.raises(Invalid, match="DE-XX"):
        HolidayPlace().parse("DE-XX")
