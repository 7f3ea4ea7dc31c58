"""What is asked of lifetime value, read from words: up to which day, how far ahead, by what."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from kith.kernel.errors import Invalid

MOST = 52 * 10


@dataclass(frozen=True)
class Ask:
    until: dt.date | None = None
    weeks: float = 52.0
    by: str = ""


def read_ask(said: Mapping[str, str]) -> Ask:
    """Raises Invalid for a day that is none, and for weeks that are no number from 1 to 520."""
    until = (said.get("until") or "").strip()
    try:
        day = dt.date.fromisoformat(until) if until else None
    except ValueError as problem:
        raise Invalid(_("“%s” is not a day; write it like 2026-06-30.") % until, "until") from problem
    weeks = (said.get("weeks") or "52").strip()
    if not weeks.isdigit() or not 1 <= int(weeks) <= MOST:
        raise Invalid(
            _("“%(said)s” is not a number of weeks from 1 to %(most)d.") % {"said": weeks, "most": MOST}, "weeks"
        )
    return Ask(day, float(weeks), (said.get("by") or "").strip())
