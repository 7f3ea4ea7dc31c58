"""Phone numbers through the phonenumbers library: E.164 inside, the national or international form outside."""

from __future__ import annotations

from functools import lru_cache

import phonenumbers
from django.utils.translation import gettext as _

from kith.kernel.errors import Invalid


def default_region() -> str:
    """Country that a number without +country belongs to: the organisation's."""
    from kith.kernel.organisation.models import current

    return current().country


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
    number = _e164(text, "" if text.startswith("+") else region or default_region())
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
