"""Reading the parts of a body that are no record's values: ids, words, yes or no. Each wrong one is pointed at."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.http import HttpRequest

from kith.kernel.errors import Invalid, InvalidMany
from kith.kernel.text import clean_text

BIGGEST = 2**63
MOST_DAYS, MOST_ROWS = 366, 500  # of a replay


def only(data: dict[str, Any], known: Collection[str]) -> None:
    """Refuse what means nothing here: a program that sends it means something by it."""
    errors = {k: [f"There is no “{k}” here; known: {', '.join(known)}."] for k in data if k not in known}
    if errors:
        raise InvalidMany(errors)


def text(data: dict[str, Any], key: str, default: str = "") -> str:
    """Words, without what no database holds."""
    given = data.get(key, default)
    if not isinstance(given, str):
        raise Invalid(f"“{key}” is text.", key)
    return clean_text(given)


def cursor_of(request: HttpRequest, most: int = BIGGEST) -> int:
    """`?cursor=` as the number that an answer gave as its next; 0 for the beginning."""
    given = request.GET.get("cursor", "")
    if given and not (given.isdecimal() and int(given) < most):
        raise Invalid("This page address cannot be read; begin again without “cursor”.", "cursor")
    return int(given or 0)


def yes(data: dict[str, Any], key: str) -> bool:
    given = data.get(key, False)
    if not isinstance(given, bool):
        raise Invalid(f"“{key}” is true or false.", key)
    return given


def looking_back(data: dict[str, Any], days: int) -> tuple[int, int]:
    """`{"days": 90, "rows": 50}` of a replay: how far it looks back, and how many rows it names."""
    only(data, ("days", "rows"))
    asked, rows = number(data, "days"), number(data, "rows")
    if asked is not None and not 1 <= asked <= MOST_DAYS:
        raise Invalid(f"“days” is a whole number from 1 to {MOST_DAYS}.", "days")
    return asked or days, min(rows if rows is not None else 50, MOST_ROWS)


def texts(data: dict[str, Any], key: str) -> list[str]:
    given = data.get(key, [])
    if not isinstance(given, list) or not all(isinstance(each, str) for each in given):
        raise Invalid(f"“{key}” is a list of words.", key)
    return [clean_text(each) for each in given]


def number(data: dict[str, Any], key: str) -> int | None:
    """A whole number from 0, or None when it is left out."""
    given = data.get(key)
    if given is not None and not (type(given) is int and 0 <= given < BIGGEST):
        raise Invalid(f"“{key}” is a whole number.", key)
    return given


def ids(data: dict[str, Any], key: str, most: int) -> tuple[int, ...]:
    """Ids, each once, at least one and at most `most`."""
    given = data.get(key)
    fine = isinstance(given, list) and all(type(each) is int and 0 < each < BIGGEST for each in given)
    if not fine or not given:
        raise Invalid(f"“{key}” is a list of ids, like [17, 23].", key)
    if len(given) > most:
        raise Invalid(f"“{key}” has {len(given):,} ids; at most {most:,} fit.", key)
    return tuple(dict.fromkeys(given))
