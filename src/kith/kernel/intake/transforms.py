"""The few named ways in which a cell may be rewritten before its kind reads it. Each is pure and says what it refuses."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from kith.kernel.errors import Invalid
from kith.kernel.kinds.number import read_decimal

_DATE = re.compile(r"(\d{1,4})([-/. ]+)(\d{1,2})[-/. ]+(\d{1,4})(.*)\Z", re.DOTALL)
_EDGES = " ,;:·|/–—-"
# Words that belong to the family name after them.
PARTICLES = frozenset(
    "van von der den de del della di da do dos du la le ten ter zu zum af av bin ibn al el mac san".split()
)


def dated(text: str, order: str) -> str:
    """A date written in `order` ("DMY", "MDY", "YMD") in the one form that has a single reading; other words as they are."""
    match = _DATE.match(text)
    if not match:
        return text
    if len(match[1]) == 4 and order[0] != "Y":  # 1980-12-31 among days that come first: it has one reading
        return text
    parts = dict(zip(order, (match[1], match[3], match[4]), strict=True))
    year = parts["Y"]
    if len(year) == 2:
        year = f"{19 if int(year) > 68 else 20}{year}"  # the century that POSIX gives two digits
    if len(year) != 4:
        raise Invalid(_("“%s” is no date in the order chosen for this column.") % text)
    return f"{year}-{int(parts['M']):02}-{int(parts['D']):02}{match[5]}"


def plain_number(text: str, decimal: str) -> str:
    """Digits with a decimal point and no other marks, from a number whose decimal sign is known."""
    other = "," if decimal == "." else "."
    return re.sub(r"[ \u00a0\u202f'’]", "", text).replace(other, "").replace(decimal, ".")


def multiplied(value: Any, by: Decimal) -> Decimal:
    number = read_decimal(value) if isinstance(value, str) else Decimal(str(value))
    return number * by


def split_name(full: str) -> tuple[str, str]:
    """("Marta", "van der Berg") from "Marta van der Berg" or "van der Berg, Marta"; one word alone is a first name."""
    family, comma, given = full.partition(",")
    if comma:
        return given.strip(), family.strip()
    words = full.split()
    at = len(words) - 1
    while at > 1 and words[at - 1].lower() in PARTICLES:
        at -= 1
    return (" ".join(words[:at]), " ".join(words[at:])) if at > 0 else (full.strip(), "")


def composed(template: str, words: dict[str, str]) -> str:
    """ "{account}: {product}" with the row's words; what stood beside a blank goes with it."""
    text = re.sub(r"\{([^{}]+)\}", lambda m: words.get(m[1], ""), template)
    return " ".join(text.split()).strip(_EDGES)


def composed_of(template: str) -> list[str]:
    """The columns of the file that a template names."""
    return re.findall(r"\{([^{}]+)\}", template)
