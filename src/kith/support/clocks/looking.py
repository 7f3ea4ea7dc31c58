"""Acting on clocks whose moment has come: telling whoever the chain names, and saying that time ran over.

Due clocks are found by an index on the moment at which they are to be looked at, in batches by key; each batch is one
transaction with a few statements, whatever it holds. Running it twice finds nothing left.
"""

from __future__ import annotations

import datetime as dt
import time
from collections import defaultdict
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kith.activities.notices import notify
from kith.kernel.access.actor import system
from kith.kernel.accounts.models import User
from kith.kernel.accounts.queries import managers
from kith.kernel.database.alone import alone
from kith.kernel.jobs import enqueue
from kith.kernel.timeline.write import Entry, write_events
from kith.support import events
from kith.support.clocks.keeping import AHEAD, BUCKET, NEAR, moments, next_look, save_clocks, wake
from kith.support.clocks.model import Kind, State, clocks
from kith.support.clocks.policies import MANAGERS, OWNER, TEAM, Level, levels_of
from kith.support.models import Clock, Ticket

BATCH, MOST_BATCHES = 1000, 200
SINGLY = 20  # notices to one colleague in a batch; more are one
NOTICE = "ticket_clock"
LONGEST = 60.0  # seconds that one job waits for clocks; then another goes on


def sweep(now: dt.datetime | None = None, *, aloud: bool = True) -> int:
    """Act on every clock whose moment has come; returns how many. Then see that those of the coming minute are looked at in
    time. aloud: whether colleagues are told; not of tickets that are written as they went, long after."""
    total = 0
    for _n in range(MOST_BATCHES):
        done = _batch(now or timezone.now(), aloud)
        total += done
        if done < BATCH:
            break
    coming = Clock.objects.filter(look_at__lte=timezone.now() + NEAR).order_by("look_at")
    wake(coming.values_list("look_at", flat=True)[: BATCH * 10])
    return total


def be_there() -> int:
    """Act on the clocks of the next seconds, each at its moment: looks, waits for the next that is near, and looks again.
    Whoever comes while another does this goes away at once, so that waiting never keeps more than one worker."""
    with alone("support.clocks") as mine:
        if not mine:
            return 0
        total, ends = sweep(), time.monotonic() + LONGEST
        while coming := _near():
            if time.monotonic() > ends:
                enqueue("support.look_at_clocks")
                break
            time.sleep(max(0.05, (coming - timezone.now()).total_seconds()))
            total += sweep()
    return total


def _near() -> dt.datetime | None:
    """The next moment for which somebody would come early by now, and a second more, so that none falls between two."""
    near = timezone.now() + dt.timedelta(seconds=BUCKET + AHEAD + 1)
    return Clock.objects.filter(look_at__lte=near).order_by("look_at").values_list("look_at", flat=True).first()


@transaction.atomic
def _batch(now: dt.datetime, aloud: bool) -> int:
    due = (
        Clock.objects.select_for_update(of=("self",), skip_locked=True)
        .filter(look_at__lte=now)
        .order_by("look_at", "id")
    )
    held = list(due[:BATCH])
    tickets = {
        row.pk: row for row in Ticket.objects.filter(pk__in={c.ticket_id for c in held}).select_related("team", "owner")
    }
    told, of = moments(sorted(tickets), tickets), levels_of(tickets.values())
    said: dict[int, list[Any]] = defaultdict(list)
    notices: dict[str, list[tuple[Ticket, str, str]]] = defaultdict(list)
    for clock in held:
        ticket, level = tickets[clock.ticket_id], of[clock.ticket_id]
        _look(clock, ticket, level, told[ticket.pk], now, said, notices)
    save_clocks(held)
    # Nothing about the tickets themselves changes, so that their events alone are written.
    entries = [Entry("ticket", pk, event, {}, tickets[pk].about(), at) for pk in sorted(said) for event, at in said[pk]]
    write_events(entries, system())
    if aloud:
        _tell(notices, tickets)
    return len(held)


def _look(
    clock: Clock, ticket: Ticket, level: Level | None, told: list[Any], now: dt.datetime, said: dict[int, list[Any]],
    notices: dict[str, list[tuple[Ticket, str, str]]],
) -> None:  # fmt: skip
    times = level.times() if level is not None else {}
    read = next((one for one in clocks(told, times, now) if (one.kind, one.number) == (clock.kind, clock.number)), None)
    if read is None or level is None or not read.live or read.due is None:
        clock.look_at = None  # it rests or is over, which whoever made it so will have written
        return
    clock.state, clock.due_at, clock.broke_at = read.state.value, read.due, read.broke
    clock.used = round(read.used.total_seconds())
    part = int(100 * read.used / read.budget + 1e-6) if read.budget else 100
    if read.state is not State.BROKEN:
        part = min(part, 99)  # nearly over is not over: whoever was told so would not be told when it is
    reached = 100 if read.state is State.BROKEN else part
    crossed = [(at, whom) for at, whom in level.chain if clock.told < at <= max(reached, part)]
    names = ", ".join(whom for _at, whom in crossed)
    words = say_clock(clock)
    if read.state is State.BROKEN and clock.told < 100:
        said[ticket.pk].append((events.ClockBroken(words, names), read.broke))
    elif crossed:
        said[ticket.pk].append((events.ClockWarned(words, crossed[-1][0], names), None))
    over = read.state is State.BROKEN
    for at, whom in crossed:
        notices[whom].append(
            (ticket, f"clock:{clock.pk}:{at}", _late(ticket, words) if over else _soon(ticket, words, at))
        )
    clock.told = max([clock.told, *(at for at, _w in crossed), *([100] if over else [])])
    clock.look_at = next_look(read, level, times[read.kind], clock.told)
    if clock.look_at is not None and clock.look_at <= now:
        clock.look_at = now + dt.timedelta(seconds=1)  # a share that rounding holds back for a moment


def _late(ticket: Ticket, words: str) -> str:
    return _("The time is over for “%(ticket)s”: %(clock)s") % {"ticket": ticket.subject, "clock": words}


def _soon(ticket: Ticket, words: str, share: int) -> str:
    said = {"share": share, "ticket": ticket.subject, "clock": words}
    return _("%(share)s %% of the time is used for “%(ticket)s”: %(clock)s") % said


def say_clock(clock: Clock) -> str:
    """ "first answer within 4 business hours"."""
    words = {
        Kind.FIRST: _("first answer within %s"),
        Kind.NEXT: _("next answer within %s"),
        Kind.RESOLUTION: _("solved within %s"),
    }
    return words[Kind(clock.kind)] % clock.target


def _tell(notices: dict[str, list[tuple[Ticket, str, str]]], tickets: dict[int, Ticket]) -> None:
    by_user: dict[int, list[tuple[Ticket, str, str]]] = defaultdict(list)
    people: dict[int, User] = {}
    leading = list(managers()) if MANAGERS in notices else []
    named = {
        u.email.lower(): u for u in User.objects.filter(is_active=True, email__in=[w for w in notices if "@" in w])
    }
    for whom, rows in notices.items():
        for row in rows:
            for user in _whom(whom, row[0], leading, named):
                people[user.pk] = user
                by_user[user.pk].append(row)
    for pk, rows in by_user.items():
        if len(rows) > SINGLY:
            text = ngettext("%d ticket needs you: its time is nearly used or over", "%d tickets need you: their time is nearly used or over", len(rows)) % len(rows)  # fmt: skip
            notify(
                [people[pk]],
                text,
                kind=NOTICE,
                key=f"{rows[0][1]}:and:{len(rows)}",
                by=system(),
                path="/tickets/?view=breaching",
            )
            continue
        for ticket, key, text in rows:
            notify([people[pk]], text, kind=NOTICE, key=key, by=system(), about=("ticket", ticket.pk), mail=True)


def _whom(whom: str, ticket: Ticket, managers: list[User], named: dict[str, User]) -> list[User]:
    if whom == OWNER:
        return [ticket.owner] if ticket.owner is not None and ticket.owner.is_active else []
    if whom == TEAM:
        return list(ticket.team.members.filter(is_active=True)) if ticket.team is not None else []
    if whom == MANAGERS:
        return managers
    return [named[whom]] if whom in named else []
