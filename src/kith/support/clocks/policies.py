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
from kith.support.models import CUSTOMERS, Policy, Ticket

LINE = re.compile(r"(\d{1,3})\s*%\s*(\S.*)")
OWNER, TEAM, MANAGERS = "owner", "team", "managers"


@dataclass(frozen=True)
class Level:
    """A policy as it is used."""

    pk: int
    name: str
    customers: dict[str, Any]  # {"company" or "person": a tree}; whoever meets one of them; empty for everybody
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
            row.pk, row.name, {record: parse(words) for column, record in CUSTOMERS.items() if (words := getattr(row, column))},
            frozenset(row.priorities), frozenset(row.kinds),
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
    """{ticket id: the level it falls under}; a query each about companies and people for any number of tickets, none where no
    level asks about them."""
    rows, every = list(tickets), levels()
    met = {record: _meeting(record, rows, every) for record in CUSTOMERS.values()}

    def fits(level: Level, row: Ticket) -> bool:
        if level.priorities and row.priority not in level.priorities:
            return False
        if level.kinds and row.kind not in level.kinds:
            return False
        if not level.customers:
            return True
        return any((level.pk, getattr(row, f"{record}_id")) in met[record] for record in level.customers)

    return {row.pk: next((level for level in every if fits(level, row)), None) for row in rows}


def _meeting(record: str, rows: list[Ticket], every: list[Level]) -> set[tuple[int, int]]:
    """(level, company or person of these tickets) where that one meets what the level asks of its like."""
    asking = [level for level in every if record in level.customers]
    whose = {pk for row in rows if (pk := getattr(row, f"{record}_id"))}
    if not asking or not whose:
        return set()
    said = judge(registry[record], [level.customers[record] for level in asking], whose, system())
    return {(level.pk, pk) for pk, met in said.items() for level, yes in zip(asking, met, strict=True) if yes}
