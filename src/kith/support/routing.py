"""Who gets a ticket: colleagues who know what it takes, are at work and have room for its weight, in turns.

What somebody holds is counted by weight, not by number, so that nobody clears their desk by taking the easy ones. Every way
in which a ticket came to somebody is kept (`Given`), which is what the page on fairness counts.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.models import Case, IntegerField, Q, Sum, Value, When
from django.utils import timezone
from django.utils.translation import gettext as _

from kith.activities.notices import notify
from kith.kernel.access.actor import Actor, system
from kith.kernel.accounts.models import User
from kith.kernel.calendars.away import days_away
from kith.kernel.calendars.queries import calendar_of
from kith.kernel.errors import Invalid
from kith.kernel.timeline.change import change
from kith.kernel.turns import next_one, settled
from kith.support import events, house
from kith.support.models import UNSOLVED, Agent, Given, Ticket, TicketPriority, Turn

WEIGHTS = {TicketPriority.LOW: 1, TicketPriority.NORMAL: 2, TicketPriority.HIGH: 3, TicketPriority.URGENT: 5}
WEIGHT = Case(
    *(When(priority=key, then=Value(n)) for key, n in WEIGHTS.items()), default=Value(2), output_field=IntegerField()
)
LOCK = 0x7E5A
NOTICE = "ticket"
PAGE, MOST = 1000, 500  # waiting tickets read at once, and given in one go, when what waits is dealt out


def weight(ticket: Ticket) -> int:
    """How much a ticket weighs on whoever has it."""
    return WEIGHTS.get(TicketPriority(ticket.priority), 2)


def held(users: Iterable[int]) -> dict[int, int]:
    """{user id: weight of the unsolved tickets they have}. Tickets that wait for the customer weigh nothing."""
    rows = Ticket.objects.filter(UNSOLVED, owner__in=list(users)).exclude(state="waiting").order_by()
    return dict(rows.values_list("owner_id").annotate(n=Sum(WEIGHT)))


def able(ticket: Ticket, now: dt.datetime) -> tuple[dict[int, int], list[tuple[Agent, str]]]:
    """({user id: share} of those who could take it, everybody else with the reason why not)."""
    agents = house.agents()
    load = held(a.user_id for a in agents)
    day = timezone.localdate(now)
    away = days_away([a.user_id for a in agents], day, day)
    asked = {tag.casefold() for tag in ticket.tags}
    known = {skill.casefold() for a in agents for skill in a.skills}
    needed = asked & known  # a tag that nobody claims to know asks for nobody in particular
    team = set(ticket.team.members.values_list("pk", flat=True)) if ticket.team is not None else set()
    shares: dict[int, int] = {}
    told: list[tuple[Agent, str]] = []
    for agent in agents:
        why = _why_not(agent, ticket, needed, team, bool(away.get(agent.user_id)), load.get(agent.user_id, 0), now)
        if why:
            told.append((agent, why))
        else:
            shares[agent.user_id] = agent.share
    return shares, told


def _why_not(
    agent: Agent, ticket: Ticket, needed: set[str], team: set[int], away: bool, load: int, now: dt.datetime
) -> str:
    if not agent.active:
        return _("takes no turns")
    if away:
        return _("is away today")
    if agent.calendar_id is not None and not calendar_of(agent.calendar_id).is_open(now):
        return _("is off now")
    if team and agent.user_id not in team:
        return _("is not in the team")
    if missing := needed - {skill.casefold() for skill in agent.skills}:
        return _("does not know %s") % ", ".join(sorted(missing))
    if load + weight(ticket) > agent.capacity:
        return _("holds %(load)d of %(most)d") % {"load": load, "most": agent.capacity}
    return ""


@dataclass(frozen=True)
class Dealt:
    """Whose turn a ticket is, of whom, and what everybody was owed before."""

    user: User
    shares: dict[int, int]
    credits: dict[int, float]


def whose_turn(ticket: Ticket) -> Dealt | None:
    """Who gets a ticket that nobody has; None where nobody can take it now, or the house gives out by hand. One decision after
    the other, so that turns come out right: the caller's transaction is waited for."""
    if not house.rules().route or ticket.owner_id is not None:
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    shares, _told = able(ticket, timezone.now())
    if not shares:
        return None
    credits = dict(Turn.objects.filter(user__in=shares).values_list("user_id", "credit"))
    chosen = next_one(shares, credits)
    return Dealt(next(a.user for a in house.agents() if a.user_id == chosen), shares, credits)


def keep_turn(ticket: Ticket, dealt: Dealt, *, by: Actor) -> None:
    """Write down what was decided: whoever was passed over is owed more, and whoever has the ticket is told."""
    heavy, before = weight(ticket), dealt.credits
    after = settled(dealt.shares, before, dealt.user.pk)
    turns = [
        Turn(user_id=pk, credit=before.get(pk, 0.0) + (credit - before.get(pk, 0.0)) * heavy)
        for pk, credit in sorted(after.items())
    ]
    Turn.objects.bulk_create(turns, update_conflicts=True, unique_fields=["user"], update_fields=["credit"])
    _keep(ticket, dealt.user, how="turn", by=by, able=dealt.shares)


def turn_taken(user: User) -> events.Transferred:
    return events.Transferred(str(user), _("it was their turn"), "turn")


@transaction.atomic
def route(ticket: Ticket, *, by: Actor) -> User | None:
    """Give a ticket that is there to whoever's turn it is; a new one is given with its opening (`opening`)."""
    dealt = whose_turn(ticket)
    if dealt is None:
        return None
    as_whom = system(by.channel) if by.user_id is None else by
    with change(ticket, by=as_whom, verb="see") as c:
        if c.row.owner_id is not None:
            return None
        c.row.owner = dealt.user
        c.says(turn_taken(dealt.user))
    keep_turn(c.row, dealt, by=as_whom)
    _repeat(ticket, c.row)
    return dealt.user


def deal_out() -> int:
    """Give what nobody could take when it came to whoever can by now, the longest waiting first; returns how many. What
    somebody had and put back is left to people.

    All that wait are looked at each time, so that those whom nobody can help keep nobody behind them waiting. They cost
    little: what one asks for (team, tags, weight) and nobody can give is not tried again for the next.
    """
    if not house.rules().route:
        return 0
    known = {skill.casefold() for agent in house.agents() for skill in agent.skills}
    in_vain: set[tuple[Any, ...]] = set()
    done = 0
    for pk, team, priority, tags, _opened in _untaken():
        asks = (team, WEIGHTS.get(TicketPriority(priority)), frozenset(tag.casefold() for tag in tags) & known)
        ticket = Ticket.objects.filter(pk=pk).first() if asks not in in_vain else None
        if ticket is None:
            continue
        if route(ticket, by=system()) is None:
            in_vain.add(asks)
            continue
        done += 1
        if done == MOST:
            break
    return done


def _untaken() -> Iterator[tuple[Any, ...]]:
    """(id, team, priority, tags, opened) of tickets that nobody ever had, the longest waiting first, read in pages by key."""
    rows = Ticket.objects.filter(UNSOLVED, owner=None, given=None).order_by("opened_at", "id")
    after = Q()
    while True:
        page = list(rows.filter(after).values_list("id", "team", "priority", "tags", "opened_at")[:PAGE])
        yield from page
        if len(page) < PAGE:
            return
        pk, *_more, opened = page[-1]
        after = Q(opened_at__gte=opened) & (Q(opened_at__gt=opened) | Q(id__gt=pk))


def give(ticket: Ticket, user: User, *, how: str, why: str, by: Actor) -> Ticket:
    """Somebody goes on with it. how: "taken" or "handed". Raises Invalid where they do not work here."""
    if not user.is_active:
        raise Invalid(_("%s does not work here any more.") % user, "owner")
    with change(ticket, by=by) as c:
        if c.row.owner_id == user.pk:
            return c.row  # type: ignore[no-any-return]
        moved = c.row.owner_id is not None
        c.row.owner = user
        c.row.transfers += int(moved and how == "handed")
        c.says(events.Transferred(str(user), why, how))
    _keep(c.row, user, how=how, by=by)
    _repeat(ticket, c.row)
    return c.row  # type: ignore[no-any-return]


def _repeat(ticket: Ticket, row: Ticket) -> None:
    """The caller's own object says what its row says now."""
    ticket.owner, ticket.transfers, ticket.version, ticket.updated_at = (
        row.owner,
        row.transfers,
        row.version,
        row.updated_at,
    )


def _keep(ticket: Ticket, user: User, *, how: str, by: Actor, able: dict[int, int] | None = None) -> None:
    older = Ticket.objects.filter(UNSOLVED, owner=None, opened_at__lt=ticket.opened_at).count() if how == "taken" else 0
    Given.objects.create(ticket=ticket, user=user, how=how, weight=weight(ticket), waited=older,
                         able={str(pk): share for pk, share in (able or {}).items()})  # fmt: skip
    if user.pk != by.user_id:
        words = _("You have the ticket “%s”") % ticket.subject
        key = f"ticket:{ticket.pk}:{user.pk}:{ticket.version}"
        notify([user], words, kind=NOTICE, key=key, by=by, about=("ticket", ticket.pk))


def fairness(days: int = 30) -> list[dict[str, Any]]:
    """Who got what lately, by turn, by taking and by hand: number and weight, and the share they should have had of what was
    dealt out; `picked` is how many older ones waited, on average, when they took one."""
    since = timezone.now() - dt.timedelta(days=days)
    out: dict[int, dict[str, Any]] = {}
    agents = {a.user_id: a for a in Agent.objects.filter(archived_at=None).select_related("user")}
    blank = {"turn": 0, "taken": 0, "handed": 0, "weight": 0, "light": 0, "due": 0.0, "jumped": 0}
    for pk, agent in agents.items():
        out[pk] = {"user": agent.user, "agent": agent, **blank}
    for row in Given.objects.filter(at__gte=since).select_related("user"):
        one = out.setdefault(row.user_id, {"user": row.user, "agent": None, **blank})
        one[row.how] += 1
        one["weight"] += row.weight
        one["light"] += row.how == "taken" and row.weight <= 2
        one["jumped"] += row.waited
        whole = sum(row.able.values())
        for pk, share in row.able.items():
            if int(pk) in out:
                out[int(pk)]["due"] += row.weight * share / whole
    load = held(out)
    dealt = dict(
        Given.objects.filter(at__gte=since, how="turn").order_by().values_list("user_id").annotate(n=Sum("weight"))
    )
    for pk, one in out.items():
        one |= {
            "held": load.get(pk, 0), "dealt": dealt.get(pk, 0), "due": round(one["due"], 1),
            "picked": round(one["jumped"] / one["taken"], 1) if one["taken"] else None,
        }  # fmt: skip
    return sorted(out.values(), key=lambda one: str(one["user"]))
