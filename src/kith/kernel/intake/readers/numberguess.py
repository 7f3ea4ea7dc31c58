"""Numbers as people write them, and which sign parts the decimals.

"1.234,50" tells, "1,5" tells; "1.234" alone does not, and then the sentence says so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache

from babel import Locale

from .words import _

SIGNS = {"€": "EUR", "$": "USD", "£": "GBP", "¥": "JPY", "₹": "INR", "kč": "CZK", "zł": "PLN", "₽": "RUB", "chf": "CHF"}
BODY = r"\(?[+−-]?\s?(?P<digits>\d[\d  ’'.,]*\d|\d|[.,]\d+)\)?"
NUMBER = re.compile(rf"(?P<before>[^\s\d.,()+−-]{{1,4}})?\s?{BODY}\s?(?P<after>[^\s\d.,()]{{1,4}})?\Z")
GROUPS = re.compile(r"\d{1,3}(?:([  ’'.,])\d{3})(?:\1\d{3})*([.,]\d+)?\Z")
PLAIN = re.compile(r"\d*([.,]\d+)?\Z")
ZEROS = re.compile(r"0\d+\Z")


@dataclass
class Numbers:
    """`decimal` is the sign before the decimals; `zeros` an example of a code with leading zeros ("" if none)."""

    decimal: str = "."
    currency: str = ""
    priced: bool = False
    whole: bool = True
    zeros: str = ""
    doubt: str = ""
    others: list[str] = field(default_factory=list)


def look(words: list[str]) -> Numbers | None:
    """None when no value is a number."""
    result = Numbers()
    points, commas, open_ones, currencies = "", "", "", set()
    for word in words:
        found = NUMBER.match(word)
        unit = ((found["before"] or "") + (found["after"] or "")) if found else ""
        currency = _currency(unit)
        if not found or (unit and unit != "%" and not currency) or not _shaped(found["digits"]):
            result.others.append(word)
            continue
        currencies.add(currency)
        digits = found["digits"]
        if ZEROS.match(digits):
            result.zeros = result.zeros or word
        result.whole = result.whole and digits.isdecimal()
        sign = _decimal(digits)
        points, commas = points or (word if sign == "." else ""), commas or (word if sign == "," else "")
        open_ones = open_ones or (word if sign == "?" else "")
    if len(result.others) == len(words):
        return None
    result.decimal, result.doubt = _verdict(points, commas, open_ones)
    named = currencies - {""}
    if len(named) > 1:
        result.doubt = f"{result.doubt} " + _("There are several currencies: {list}.").format(
            list=", ".join(sorted(named))
        )
    result.doubt = result.doubt.strip()
    result.priced = bool(named)
    result.currency = named.pop() if len(named) == 1 else ""
    return result


def _verdict(points: str, commas: str, open_ones: str) -> tuple[str, str]:
    if points and commas:
        return ".", _("“{one}” has a decimal point, “{other}” a decimal comma.").format(one=points, other=commas)
    if points or commas:
        return ("." if points else ","), ""
    if open_ones:
        return ".", _("“{example}” may hold a decimal sign or a thousands sign.").format(example=open_ones)
    return ".", ""


def _shaped(digits: str) -> bool:
    return bool(PLAIN.match(digits) or GROUPS.match(digits))


def _decimal(digits: str) -> str:
    """The sign "." or "," when these digits prove which sign is decimal, "?" when both readings fit, "" when none is used."""
    used = [sign for sign in digits if sign in ".,"]
    if not used:
        return ""
    last = used[-1]
    if len(set(used)) == 2 or (len(used) == 1 and re.search(r"[  ’']", digits)):
        return last
    if len(used) > 1:
        return "," if last == "." else "."
    before, after = digits.split(last)
    return "?" if len(after) == 3 and 1 <= len(before) <= 3 and before != "0" else last


@cache
def _codes() -> frozenset[str]:
    return frozenset(Locale("en").currencies)


def _currency(unit: str) -> str:
    if unit.lower() in SIGNS:
        return SIGNS[unit.lower()]
    return unit.upper() if len(unit) == 3 and unit.isupper() and unit in _codes() else ""
