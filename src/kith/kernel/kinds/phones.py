"""Phone numbers through the phonenumbers library: E.164 inside, the national or international form outside."""

from __future__ import annotations

import re
from functools import cache, lru_cache

import phonenumbers
from django.utils.translation import gettext as _

from kith.kernel.errors import Invalid


def default_region() -> str:
    """Country that a number without +country belongs to: the organisation's."""
    from kith.kernel.organisation.models import current

    return current().country


_PLAIN = re.compile(r"\+[1-9][0-9 .-]{5,20}\Z")


@cache
def _plan(code: str) -> tuple[frozenset[int], re.Pattern[str] | None]:
    """(lengths a number of that country may have, what its national prefix looks like); no lengths for no country."""
    regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(int(code), ())
    found = phonenumbers.PhoneMetadata.metadata_for_region(regions[0]) if regions and regions[0] != "001" else None
    if found is None or found.general_desc is None:
        return frozenset(), None
    prefix = found.national_prefix_for_parsing
    return frozenset(found.general_desc.possible_length), re.compile(prefix) if prefix else None


def _quick(text: str) -> str | None:
    """E.164 of a number written plainly with its country, as the library would give it; None leaves it to the library."""
    if not _PLAIN.match(text):
        return None
    digits = re.sub(r"[^0-9]", "", text)
    for n in (1, 2, 3):
        lengths, prefix = _plan(digits[:n])
        if lengths:
            rest = digits[n:]
            plain = len(rest) in lengths and rest[0] != "0" and not (prefix and prefix.match(rest))
            return f"+{digits}" if plain else None
    return None


@lru_cache(maxsize=20_000)
def _e164(text: str, region: str) -> str | None:
    try:
        number = phonenumbers.parse(text, region or None)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    out: str = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if number.extension:
        out += f";ext={number.extension}"
    return out


def normalise(text: str, region: str = "") -> str:
    """E.164 ("+48585550142", with ";ext=" where given). Raises Invalid when it is no phone number."""
    text = text.removeprefix("tel:")  # as vCards and links write it
    number = _quick(text) or _e164(text, "" if text.startswith("+") else region or default_region())
    if number is None:
        raise Invalid(_("“%s” is not a phone number; write it with the country, like +48 58 555 01 42.") % text)
    return number


def national(e164: str) -> str:
    """National form within the organisation's own country, international form elsewhere."""
    return _national(e164, default_region())


@lru_cache(maxsize=20_000)
def _national(e164: str, home: str) -> str:
    try:
        number = phonenumbers.parse(e164)
    except phonenumbers.NumberParseException:
        return e164
    form = phonenumbers.PhoneNumberFormat
    own = phonenumbers.region_code_for_number(number) == home
    return str(phonenumbers.format_number(number, form.NATIONAL if own else form.INTERNATIONAL))
