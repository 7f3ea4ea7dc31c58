"""Public holidays: places by name, and days that only a region keeps."""

import datetime as dt

from kith.kernel.calendars.public import places, public_holidays

EPIPHANY = dt.date(2026, 1, 6)


def test_a_region_keeps_days_that_its_country_does_not():
    assert EPIPHANY not in public_holidays("DE", 2026)
    assert public_holidays("DE-BY", 2026)[EPIPHANY] == "Epiphany"


def test_days_that_move_are_known_years_ahead():
    assert public_holidays("DE", 2030)[dt.date(2030, 4, 22)] == "Easter Monday"
    assert public_holidays("US", 2027)[dt.date(2027, 11, 25)] == "Thanksgiving Day"


def test_a_year_has_its_own_days_only():
    assert {day.year for day in public_holidays("US", 2022)} == {2022}  # New Year 2022 was kept on 31 December 2021


def test_no_place_and_an_unknown_one_have_none():
    assert public_holidays("", 2026) == public_holidays("XX", 2026) == public_holidays("DE-XX", 2026) == {}


def test_regions_stand_under_their_country_in_the_language_asked_for():
    english, german = places("en"), places("de")
    assert english["DE-BY"] == "Germany, Bayern"
    assert german["DE-BY"] == "Deutschland, Bayern"
    keys = list(english)
    assert keys[keys.index("DE") + 1].startswith("DE-")
    assert len(english) > 800
