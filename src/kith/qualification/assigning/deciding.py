"""Carrying a choice out: the owner, the log, the turn that is paid for, the clock. One transaction, for one lead or many.

Choosing within one basket is put in a row by a lock that ends with the transaction, so that two leads that arrive together
never see the same credits; within a batch each lead sees what the one before it cost.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from kith.kernel.access.actor import Actor, system
from kith.kernel.accounts.models import User
from kith.kernel.calendars.queries import calendar_of
from kith.kernel.calendars.span import parse_span
from kith.kernel.errors import KithError
from kith.kernel.records.registry import registry
from kith.kernel.timeline.adding import add_many
from kith.kernel.timeline.change import change, change_many
from kith.kernel.timeline.types import EventType
from kith.qualification import events
from kith.qualification.assigning.choosing import Choice, Choosing
from kith.qualification.assigning.telling import tell_of_nobody, tell_takers
from kith.qualification.models import AssignmentRule, Decision, Kind

BATCH = 100  # leads given out while the others wait for their turn
LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('kith.assigning', 0))"


def deal_out(people: Sequence[int]) -> None:
    """Give those who have no owner to somebody: many in one transaction, and one by one where something in one of them
    breaks, so that the others do not wait for it. Raises what broke, once all were tried."""
    broken: Exception | None = None
    for start in range(0, len(people), BATCH):
        batch = people[start : start + BATCH]
        try:
            assign_many(batch)
        except (DatabaseError, KithError):
            for pk in batch:
                try:
                    assign(pk)
                except (DatabaseError, KithError) as problem:  # another try finds those still without an owner
                    broken = problem
    if broken is not None:
        raise broken


def assign(person: int, *, now: dt.datetime | None = None, by: Actor | None = None) -> Decision | None:
    """Give a person without owner to somebody; None when they have an owner or are gone. Running it twice changes nothing."""
    made = assign_many([person], now=now, by=by)
    return made[0] if made else None


@transaction.atomic
def assign_many(people: Iterable[int], *, now: dt.datetime | None = None, by: Actor | None = None) -> list[Decision]:
    """Give people without owner to colleagues, in the order of their ids; returns the decisions. Whoever has an owner, or is
    gone, is left alone."""
    now, by = now or timezone.now(), by or system()
    in_a_row()
    made: list[Decision] = []
    for rows in _apart(_waiting(people)):
        choosing = Choosing([row.pk for row in rows], now)
        dealt = []
        for row in rows:
            choice = choosing.of(row.pk)
            if choice.user is not None:
                choosing.roster.give(choice.candidates, choice.user.pk)
            dealt.append(Dealt(row, choice))
        choosing.roster.keep()
        made += carry_out(dealt, Kind.ASSIGNED, now=now, by=by)
    return made


def _waiting(people: Iterable[int]) -> list[Any]:
    rows = registry["person"].rows(system(), archived=False).select_related("company").order_by("pk")
    return list(rows.select_for_update(of=("self",)).filter(pk__in=list(people), owner__isnull=True))


def _apart(rows: list[Any]) -> Iterator[list[Any]]:
    """No two of one company at once: the second of them finds whom its company was given to with the first."""
    while rows:
        seen: set[int] = set()
        first: list[Any] = []
        for row in rows:
            if row.company_id not in seen:
                first.append(row)
            if row.company_id is not None:
                seen.add(row.company_id)
        yield first
        taken = {row.pk for row in first}
        rows = _again([row.pk for row in rows if row.pk not in taken])


def _again(people: list[int]) -> list[Any]:
    """As they stand now; they are locked already."""
    rows = registry["person"].rows(system()).select_related("company").order_by("pk")
    return list(rows.filter(pk__in=people)) if people else []


def in_a_row() -> None:
    with connection.cursor() as cursor:
        cursor.execute(LOCK)


@dataclass(frozen=True)
class Dealt:
    """A person and what was chosen for them. rounds: how often they were passed on; why: in place of the choice's reason."""

    person: Any
    choice: Choice
    rounds: int = 0
    why: str = ""


def carry_out(dealt: Sequence[Dealt], kind: str, *, now: dt.datetime, by: Actor, along: str = "") -> list[Decision]:
    """Write what was chosen: the new owners and the decisions that tell of it. along: see `telling.tell_takers`."""
    found = [one for one in dealt if one.choice.user is not None]
    lost = [one for one in dealt if one.choice.user is None]
    return [*_give(found, kind, now, by, along), *_unrouted(lost, now, by)]


def _give(dealt: Sequence[Dealt], kind: str, now: dt.datetime, by: Actor, along: str) -> list[Decision]:
    if not dealt:
        return []
    to = {one.person.pk: one.choice.user for one in dealt}
    before = {one.person.pk: one.person.owner for one in dealt}

    def hand(person: Any) -> None:
        person.owner = to[person.pk]

    change_many([one.person for one in dealt], hand, by=by)
    _companies_too(dealt, before if kind == Kind.REASSIGNED else {}, by)
    made = [
        Decision(
            person=one.person, kind=kind, user=one.choice.user, previous=before[one.person.pk], rule=one.choice.rule,
            why=one.why or one.choice.why, candidates=one.choice.candidates.told, passed=one.choice.passed,
            rounds=one.rounds, created_at=now, due_at=due(one.choice.rule, now),
        ) for one in dealt
    ]  # fmt: skip
    add_many(made, _says, by=by)
    if kind == Kind.ASSIGNED:
        in_good_hands(to, now, by)
    tell_takers(made, by, along=along)
    return made


def _says(decision: Decision) -> list[EventType]:
    name = decision.rule.name if decision.rule else ""
    if decision.previous is None:
        return [events.LeadAssigned(str(decision.user), name)]
    return [events.LeadReassigned(str(decision.user), str(decision.previous), decision.why)]


def _companies_too(dealt: Sequence[Dealt], before: Mapping[int, User | None], by: Actor) -> None:
    """Their company goes with them while nobody else looks after it: the relationship is the company's."""
    to = {}
    for one in dealt:
        company, had = one.person.company, before.get(one.person.pk)
        if company is not None and company.archived_at is None and company.owner_id in (None, had and had.pk):
            to[company.pk] = one.choice.user

    def hand(company: Any) -> None:
        company.owner = to[company.pk]

    change_many([one.person.company for one in dealt if one.person.company_id in to], hand, by=by)


def due(rule: AssignmentRule | None, start: dt.datetime) -> dt.datetime | None:
    """When somebody must have answered, on the clock of the rule's calendar."""
    if rule is None or not rule.answer_within:
        return None
    return parse_span(rule.answer_within).after(start, calendar_of(rule.calendar_id))


def _unrouted(dealt: Sequence[Dealt], now: dt.datetime, by: Actor) -> list[Decision]:
    """Nobody was found: said on the lead, on the list, and to everybody who can mend it; once, until somebody is found."""
    if not dealt:
        return []
    last = (
        Decision.objects.filter(person__in=[one.person.pk for one in dealt])
        .order_by("person", "-pk")
        .distinct("person")
    )
    said = {row.person_id: row for row in last if row.kind == Kind.UNROUTED and row.stopped_at is None}
    made = [
        Decision(
            person=one.person, kind=Kind.UNROUTED, why=one.choice.why, passed=one.choice.passed, previous=one.person.owner,
            created_at=now,
        ) for one in dealt if one.person.pk not in said
    ]  # fmt: skip
    add_many(made, lambda row: [events.LeadUnrouted(row.why)], by=by)
    tell_of_nobody(made, by)
    return [*said.values(), *made]


def in_good_hands(people: Iterable[int], now: dt.datetime, by: Actor) -> None:
    """Somebody looks after these people now: they are not among those nobody was found for any more."""

    def over(decision: Decision) -> list[EventType]:
        decision.stopped_at, decision.stopped_by = now, how[:200]
        return [events.LeadClockStopped(how)]

    how = _("somebody looks after them now")
    waited = Decision.objects.filter(person__in=list(people), kind=Kind.UNROUTED, stopped_at=None, archived_at=None)
    change_many(waited, over, by=by)


def stop(decision: Decision, how: str, now: dt.datetime, by: Actor) -> None:
    """End the clock of a decision: somebody answered, or it is somebody else's now."""
    with change(decision, by=by) as d:
        if d.row.stopped_at is None:
            d.row.stopped_at, d.row.stopped_by = now, how[:200]
            d.says(events.LeadClockStopped(how))
