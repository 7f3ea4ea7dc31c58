"""What a phone number and a country say: country, time zone, language; nothing where there is more than one answer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import phonenumbers
from babel.core import get_global
from babel.languages import get_official_languages
from phonenumbers import timezone as zones_by_number

from kith.kernel.kinds import Country, Language, TimeZone

UNKNOWN = "Etc/Unknown"
# Countries whose official language goes by more than one code: the one that programs expect.
WRITTEN = {"NO": "nb"}


def _number(e164: str) -> phonenumbers.PhoneNumber | None:
    try:
        parsed = phonenumbers.parse(e164.partition(";")[0])
    except phonenumbers.NumberParseException:
        return None
    return parsed if phonenumbers.is_valid_number(parsed) else None


def country_of_number(e164: str) -> str:
    """ "+4791234567" -> "NO"; "" for a number of no country or of none that is known."""
    number = _number(e164)
    region = phonenumbers.region_code_for_number(number) if number is not None else None
    return region if region in Country().options else ""


def zone_of_number(e164: str) -> str:
    """The time zone of a number, by its area code where that tells more than its country."""
    number = _number(e164)
    if number is None:
        return ""
    found = [zone for zone in zones_by_number.time_zones_for_number(number) if zone != UNKNOWN]
    return _one_of(found, phonenumbers.region_code_for_number(number) or "")


def zone_of_country(country: str) -> str:
    """The time zone of a country that has one clock."""
    return _one_of(_zones().get(country, ()), country)


def language_of_country(country: str) -> str:
    """The language of a country that has one official one."""
    found = get_official_languages(country, regional=False, de_facto=True) if country else ()
    code = WRITTEN.get(country) or (found[0] if len(found) == 1 else "")
    return code if code and code in Language().options else ""


@cache
def _zones() -> dict[str, list[str]]:
    out: dict[str, list[str]] = {}
    for zone, country in get_global("zone_territories").items():
        out.setdefault(country, []).append(zone)
    return out


def _one_of(zones: Iterable[str], country: str) -> str:
    """One zone for all of these where their clocks agree the year round, one of the country itself."""
    found = sorted(zones)
    if not found or len({_clock(zone) for zone in found}) != 1:
        return ""
    own = [zone for zone in found if zone in _zones().get(country, ())] or found
    return next((zone for zone in own if zone in TimeZone().options), "")


@cache
def _clock(zone: str) -> tuple[dt.timedelta | None, ...]:
    """How far from UTC in winter and in summer."""
    year = dt.datetime.now(dt.UTC).year
    try:
        return tuple(dt.datetime(year, month, 1, tzinfo=ZoneInfo(zone)).utcoffset() for month in (1, 7))
    except ZoneInfoNotFoundError:
        return (None,)
