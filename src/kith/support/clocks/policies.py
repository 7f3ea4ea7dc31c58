"""Which service level a ticket falls under: the first in order whose customers, priorities and kinds fit it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from kith.kernel.access.actor import system
from kith.kernel.calendars.hours import Calendar
from kith.kernel.calendars.queries import calendar_of
from kith.kernel.calendars.span import parse_span
from kith.kernel.errors import Invalid
from kith.kernel.lookups.tree import parse
from kith.kernel.organisation.models import cached
from kith.kernel.records.registry import registry
from kith.kernel.segments.judging import judge
from kith.support.clocks.model import Kind, Time, time_of
from kith.support.models import Policy, Ticket

LINE = re.compile(r"(\d{1,3})\s*%\s*(\S.*)")
OWNER, TEAM, MANAGERS = "owner", "team", "managers"


@dataclass(frozen=True)
class Level:
    """A policy as it is used."""

    pk: int
    name: str
    customers: Any  # a tree of companies, or None for all of them
    priorities: frozenset[str]
    kinds: frozenset[str]
    targets: dict[Kind, str]
    calendar: int | None
    chain: tuple[tuple[int, str], ...]

    def hours(self) -> Calendar:
        return calendar_of(self.calendar)

    def times(self) -> dict[Kind, Time]:
        calendar = self.hours()
        return {kind: time_of(parse_span(words), calendar) for kind, words in self.targets.items()}


def levels() -> list[Level]:
    """Policies in use, in their order. Kept until configuration changes."""
    found: list[Level] = cached("support:levels", _load)
    return found


def _load() -> list[Level]:
    rows = Policy.objects.filter(archived_at=None, active=True).order_by("position", "pk")
    return [
        Level(
            row.pk, row.name, parse(row.customers) if row.customers else None, frozenset(row.priorities), frozenset(row.kinds),
            {kind: words for kind in Kind if (words := getattr(row, kind.value))}, row.calendar_id, tuple(read_chain(row.chain)),
        )
        for row in rows
    ]  # fmt: skip


def read_chain(text: str) -> list[tuple[int, str]]:
    """[(share in percent, whom)] of lines such as "75 % owner". Raises Invalid."""
    out = []
    for line in filter(None, (line.strip() for line in text.replace(";", "\n").splitlines())):
        match = LINE.fullmatch(line)
        if match is None or not 1 <= int(match[1]) <= 500:
            raise Invalid(
                _("“%s” is no step; write it like 75 %% owner, 100 %% managers or 150 %% ines@example.com.") % line[:60]
            )
        whom = match[2].strip().lower()
        if whom not in (OWNER, TEAM, MANAGERS) and "@" not in whom:
            raise Invalid(
                _("“%s” is nobody; tell the owner, the team, managers, or a colleague by their address.") % whom[:60]
            )
        out.append((int(match[1]), whom))
    return sorted(out)


def levels_of(tickets: Iterable[Ticket]) -> dict[int, Level | None]:
    """{ticket id: the level it falls under}; one query for any number of tickets, none where no level asks about customers."""
    rows, every = list(tickets), levels()
    asking = [level for level in every if level.customers is not None]
    said: dict[int, list[bool | None]] = {}
    companies = {row.company_id for row in rows if row.company_id}
    if asking and companies:
        said = judge(registry["company"], [level.customers for level in asking], companies, system())
    place = {level.pk: n for n, level in enumerate(asking)}

    def fits(level: Level, row: Ticket) -> bool:
        if level.priorities and row.priority not in level.priorities:
            return False
        if level.kinds and row.kind not in level.kinds:
            return False
        return level.customers is None or bool(
            said.get(row.company_id or 0, ()) and said[row.company_id][place[level.pk]]
        )

    return {row.pk: next((level for level in every if fits(level, row)), None) for row in rows}
