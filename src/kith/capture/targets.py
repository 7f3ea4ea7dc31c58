"""In how many minutes a colleague is to answer who comes some way, and by whose opening hours that counts.

A form says its own minutes; else what an administrator set for its way and source counts, then what is set for the whole way,
then an hour by the default calendar. People who are typed in, imported or sent by a program wait for nobody, unless
something is set for that way: then those who come from then on do.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from kith.capture.models import TARGET_MINUTES, AnswerTarget
from kith.capture.queries import forms
from kith.kernel.organisation.models import cached

FORM = "form"
BORN = {
    "web": "hand",
    "import": "import",
    "api": "api",
    "mcp": "api",
}  # as which way a person counts whom a channel made


@dataclass(frozen=True)
class Target:
    minutes: int = TARGET_MINUTES
    calendar: int | None = None


@dataclass(frozen=True)
class _Set:
    target: Target
    since: dt.datetime
    until: dt.datetime | None


def target_of(way: str, source: str, form: int | None = None) -> Target:
    """What holds for whoever comes this way now; no query."""
    found = _in_force(way, source)
    target = found.target if found is not None else Target()
    own = _own_minutes(form, source) if way in (FORM, "") else None
    return target if own is None else Target(own, target.calendar)


def wait_when_born(channel: str, at: dt.datetime) -> str:
    """As which way somebody waits whom a channel made at that time; "" where nobody waits."""
    way = BORN.get(channel, "")
    found = _in_force(way, "") if way else None
    return way if found is not None and found.since <= at else ""


def any_born() -> bool:
    """Was something ever set for people who are typed in, imported or sent by a program?"""
    return any(way in BORN.values() for way, _source in _sets())


def _in_force(way: str, source: str) -> _Set | None:
    sets = _sets()
    for key in ((way, source.casefold()), (way, "")):
        found = sets.get(key)
        if found is not None and found.until is None:
            return found
    return None


def _own_minutes(form: int | None, source: str) -> int | None:
    """Those that came before forms were told of are known by the form's name."""
    for one in forms().values():
        if one.pk == form or (form is None and one.name == source):
            return one.target_minutes
    return None


def _sets() -> dict[tuple[str, str], _Set]:
    found: dict[tuple[str, str], _Set] = cached("capture:targets", _load)
    return found


def _load() -> dict[tuple[str, str], _Set]:
    """Those in use replace the archived ones of the same source."""
    rows = AnswerTarget.objects.defer("tsv", "search").order_by("pk")
    return {
        (row.through, row.source.casefold()): _Set(Target(row.minutes, row.calendar_id), row.created_at, row.archived_at)
        for row in sorted(rows, key=lambda row: row.archived_at is None)
    }  # fmt: skip
