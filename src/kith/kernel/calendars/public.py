"""Public holidays, as the library `holidays` knows them: places by code and name, and the days of a place in a year.

A place is a country ("DE") or one of its regions ("DE-BY"). The library is loaded when it is first asked.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import lru_cache

from babel import Locale

from kith.kernel.text import fold

ENGLISH = ("en_US", "en_GB", "en")


@lru_cache(maxsize=8)
def places(locale: str) -> Mapping[str, str]:
    """{code: name} of every place, countries by their names in that language, each before its regions."""
    import holidays

    names = Locale.parse(locale).territories
    countries = sorted(
        ((names.get(code, code), code, regions) for code, regions in holidays.list_supported_countries(False).items()),
        key=lambda country: fold(country[0]),
    )
    out: dict[str, str] = {}
    for name, code, regions in countries:
        out[code] = name
        called = _called(code)
        out.update({f"{code}-{region}": f"{name}, {called.get(region, region)}" for region in regions})
    return out


def _called(country: str) -> dict[str, str]:
    """{region: its name}; a name that is itself a code is taken only where there is no other."""
    import holidays

    out: dict[str, str] = {}
    for name, region in getattr(holidays, country).subdivisions_aliases.items():
        if region not in out or len(out[region]) <= 3 < len(name):
            out[region] = name
    return out


@lru_cache(maxsize=512)
def public_holidays(place: str, year: int) -> Mapping[dt.date, str]:
    """{day: its name} of a place's public holidays in one year, in English where the library has it; {} for no place and
    for places that this version of the library does not know any more."""
    import holidays

    country, _dash, region = place.partition("-")
    if not country:
        return {}
    try:
        known = getattr(holidays, country)
        language = next((each for each in ENGLISH if each in known.supported_languages), None)
        return dict(
            holidays.country_holidays(country, subdiv=region or None, years=year, language=language, expand=False)
        )
    except (AttributeError, NotImplementedError):
        return {}
