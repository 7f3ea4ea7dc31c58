"""Keeping clocks: they are made afresh from what happened to their tickets, whenever something did or was taken back.

Nothing is adjusted from what was there before, so an error cannot pile up, and taking something back needs no care. Clocks
that run count by the calendar as it is now; those that ended stay as they were read when they ended.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from django.db import connection
from django.db.models import OuterRef, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from kith.kernel.calendars.queries import calendar_of
from kith.kernel.jobs import enqueue
from kith.kernel.timeline.followup import keeps_followed, steps_written
from kith.support.clocks.model import Kind, Moment, Reading, State, Time, What, clocks, share
from kith.support.clocks.policies import Level, levels_of
from kith.support.models import Clock, Entry, Side, Ticket, TicketState

VERBS = {
    "ticket.created": What.OPENED, "ticket.customer_replied": What.CAME, "ticket.answered": What.ANSWERED,
    "ticket.waits": What.WAITS, "ticket.resumed": What.RESUMES, "ticket.solved": What.SOLVED, "ticket.reopened": What.REOPENED,
    "ticket.archived": What.STOPPED, "ticket.restored": None, "ticket.changed": None, "ticket.transferred": None, "ticket.merged": None,
    "ticket.noted": None, "ticket.split": None,
}  # fmt: skip
CHUNK, NEAR = 1000, dt.timedelta(seconds=90)
BUCKET, AHEAD = 5, 3  # seconds: clocks that share a job, and how early it begins
WORDS = {Kind.FIRST: "Answer", Kind.NEXT: "Answer", Kind.RESOLUTION: "Solve"}
# When they or we said something last, as the talk has it: after an undo the row does not know it yet.
TALK = Entry.objects.filter(ticket=OuterRef("pk"), side__in=[Side.THEM, Side.US]).order_by("-at", "-id")
LAST = Subquery(TALK.values("at")[:1])
# What happened to these tickets and was not taken back. Restoring takes the putting away back. What they wrote counts where it
# stands: a part that was made a ticket of its own waits for nobody here.
TOLD = """
    SELECT g.id, e.verb, e.at, e.actor_name FROM unnest(%s::bigint[]) AS g (id)
    JOIN timeline_eventlink l ON l.record = 'ticket' AND l.record_id = g.id
    JOIN timeline_event e ON e.id = l.event_id AND e.record = 'ticket' AND e.record_id = g.id
    WHERE e.verb = ANY(%s)
      AND NOT EXISTS (SELECT 1 FROM timeline_operation o WHERE o.id = e.operation AND o.undone_at IS NOT NULL)
      AND NOT (e.verb = 'ticket.customer_replied' AND EXISTS (
          SELECT 1 FROM support_entry s WHERE s.id = (e.payload ->> 'entry')::bigint AND s.ticket_id <> g.id))
    ORDER BY g.id, e.at, e.id
"""


def follow(pks: Iterable[int]) -> None:
    """Make the clocks and the next step of these tickets agree with what happened to them: a few statements a thousand."""
    ids = sorted(set(pks))
    for start in range(0, len(ids), CHUNK):
        _follow(ids[start : start + CHUNK])


@keeps_followed
def afresh(refs: Iterable[tuple[str, int]]) -> None:
    """After a merge moved things about."""
    follow(pk for record, pk in refs if record == "ticket")


def _follow(ids: list[int]) -> None:
    now = timezone.now()
    tickets = {row.pk: row for row in Ticket.objects.filter(pk__in=ids).annotate(said_last=LAST)}
    told, levels = moments(ids, tickets), levels_of(tickets.values())
    held: dict[int, dict[tuple[str, int], Clock]] = defaultdict(dict)
    for clock in Clock.objects.filter(ticket__in=ids):
        held[clock.ticket_id][clock.kind, clock.number] = clock
    made: list[Clock] = []
    changed: list[Clock] = []
    gone: list[int] = []
    for pk, ticket in tickets.items():
        wanted = _clocks(ticket, told[pk], levels[pk], held[pk], now)
        keys = {(clock.kind, clock.number) for clock in wanted}
        gone += [clock.pk for key, clock in held[pk].items() if key not in keys]
        made += [clock for clock in wanted if clock.pk is None]
        changed += [clock for clock in wanted if clock.pk is not None]
        _step(ticket, wanted)
    if gone:
        Clock.objects.filter(pk__in=gone).delete()
    Clock.objects.bulk_create(made)
    save_clocks(changed)
    _write_tickets(tickets.values())
    wake(clock.look_at for clock in (*made, *changed))


# Of thousands at once: one statement with columns as arrays, where a CASE for each row would take seconds to write.
SAVE = """
    UPDATE support_clock c SET policy_id = g.policy, target = g.target, state = g.state, started_at = g.started, due_at = g.due,
        broke_at = g.broke, ended_at = g.ended, budget = g.budget, used = g.used, stretches = g.stretches, told = g.told, look_at = g.look
    FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::timestamptz[], %s::timestamptz[], %s::timestamptz[],
                %s::timestamptz[], %s::int[], %s::int[], %s::jsonb[], %s::int[], %s::timestamptz[])
        AS g (id, policy, target, state, started, due, broke, ended, budget, used, stretches, told, look)
    WHERE c.id = g.id
"""


def save_clocks(rows: Iterable[Clock]) -> None:
    """Write these clocks, whatever changed about them."""
    values = [
        (c.pk, c.policy_id, c.target, c.state, c.started_at, c.due_at, c.broke_at, c.ended_at, c.budget, c.used,
         json.dumps(c.stretches), c.told, c.look_at)
        for c in sorted(rows, key=lambda clock: clock.pk)
    ]  # fmt: skip
    if values:
        with connection.cursor() as cursor:
            cursor.execute(SAVE, [list(column) for column in zip(*values, strict=True)])


def moments(ids: list[int], tickets: dict[int, Ticket]) -> dict[int, list[Moment]]:
    """What happened to each, in order, as its clocks see it. A ticket was opened when it says so, whenever it was written."""
    out: dict[int, list[Moment]] = {pk: [] for pk in ids}
    with connection.cursor() as cursor:
        cursor.execute(TOLD, [ids, list(VERBS)])
        for pk, verb, at, name in cursor.fetchall():
            what = VERBS[verb]
            if what is What.OPENED:
                continue
            if verb == "ticket.restored":
                out[pk] = [moment for moment in out[pk] if moment.what is not What.STOPPED]
            elif what is not None:
                out[pk].append(Moment(at, what, f"{verb.partition('.')[2]}|{name}"))
    for pk, ticket in tickets.items():
        opened = Moment(ticket.opened_at, What.OPENED, "opened|")
        out[pk] = [opened, *(m for m in out[pk] if m.at >= ticket.opened_at)]
    return out


def _clocks(
    ticket: Ticket, told: list[Moment], level: Level | None, held: dict[tuple[str, int], Clock], now: dt.datetime
) -> list[Clock]:
    times = level.times() if level is not None else {}
    out = []
    for read in clocks(told, times, now):
        before = held.get((read.kind.value, read.number))
        if before is not None and _settled(before, read, level):
            out.append(before)
            continue
        clock = before or Clock(ticket_id=ticket.pk, kind=read.kind.value, number=read.number)
        assert level is not None
        _take(clock, read, level, times[read.kind])
        out.append(clock)
    # What ended under a level that promises nothing of the kind any more stays as it was.
    return out + [c for c in held.values() if c.ended_at is not None and Kind(c.kind) not in times]


def _settled(clock: Clock, read: Reading, level: Level | None) -> bool:
    """Did it end, and end like that? Then a calendar or a level that was changed since changes nothing about it."""
    return bool(clock.ended_at and clock.ended_at == read.ended and clock.started_at == read.started and clock.state != State.VOID
                and read.state is not State.VOID and len(clock.stretches) == len(read.stretches))  # fmt: skip


def _take(clock: Clock, read: Reading, level: Level, time: Time) -> None:
    target = level.targets[read.kind]
    if clock.target != target or clock.policy_id != level.pk or not read.live:
        clock.told = clock.told if not read.live else 0
    clock.policy_id, clock.target, clock.state = level.pk, target, read.state.value
    clock.started_at, clock.due_at, clock.broke_at, clock.ended_at = read.started, read.due, read.broke, read.ended
    clock.budget, clock.used = round(read.budget.total_seconds()), round(read.used.total_seconds())
    clock.stretches = [
        [s.state.value, s.begins.isoformat(), s.ends.isoformat() if s.ends else None, s.why] for s in read.stretches
    ]
    clock.look_at = next_look(read, level, time, clock.told)


def next_look(read: Reading, level: Level, time: Time, told: int) -> dt.datetime | None:
    """When the next share of its time is used of which somebody is to be told, or all of it; None for what rests or is over."""
    shares = sorted({share_ for share_, _whom in level.chain if share_ > told} | ({100} if told < 100 else set()))
    return share(read, time, shares[0]) if shares else None


def _step(ticket: Any, wanted: list[Clock]) -> None:
    """What a ticket's next step is, and by when: who waits for us is answered by its first clock; who we wait for is asked
    again on a day; what no service level speaks of is looked at within a business day."""
    ticket.next_step, ticket.next_step_at = "", None
    if ticket.archived_at is not None or not ticket.awaits_step:
        return
    if ticket.state == TicketState.WAITING:
        base = ticket.waiting_until or calendar_of().add_days(ticket.said_last or ticket.opened_at, 3)
        ticket.next_step, ticket.next_step_at = _("Ask again"), base
        return
    live = [c for c in wanted if c.ended_at is None and c.due_at is not None]
    if live:
        first = min(live, key=lambda c: (c.due_at, c.kind))
        ticket.next_step, ticket.next_step_at = _(WORDS[Kind(first.kind)]), first.due_at
    else:
        ticket.next_step = _("Look at it")
        ticket.next_step_at = calendar_of().add_days(ticket.said_last or ticket.opened_at, 1)


# The next step, and what the row repeats of its entries: after an undo, a merge or a split the row does not know it.
WRITE = r"""
    WITH told AS (
        SELECT t.id, coalesce(g.step, t.next_step) AS step, CASE WHEN g.step IS NULL THEN t.next_step_at ELSE g.due END AS due,
            e.said, l.at, l.side, l.text
        FROM unnest(%s::bigint[], %s::text[], %s::timestamptz[]) AS g (id, step, due) JOIN support_ticket t USING (id)
        LEFT JOIN LATERAL (SELECT count(*) AS said FROM support_entry WHERE ticket_id = t.id) e ON true
        LEFT JOIN LATERAL (SELECT at, side, text FROM support_entry WHERE ticket_id = t.id AND side IN ('them', 'us')
                           ORDER BY at DESC, id DESC LIMIT 1) l ON true
    )
    UPDATE support_ticket t SET next_step = told.step, next_step_at = told.due, said = told.said, last_at = told.at,
        last_side = coalesce(told.side, ''), last_words = left(regexp_replace(coalesce(told.text, ''), '\s+', ' ', 'g'), 280)
    FROM told WHERE t.id = told.id
        AND (t.next_step, t.next_step_at, t.said, t.last_at) IS DISTINCT FROM (told.step, told.due, told.said, told.at)
"""


def _write_tickets(tickets: Iterable[Ticket]) -> None:
    rows = sorted((t.pk, t.next_step, t.next_step_at) for t in tickets)
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(WRITE, [list(column) for column in zip(*rows, strict=True)])
    steps_written([("ticket", pk) for pk, _s, _a in rows])


def recount(ids: list[int]) -> None:
    """Make what rows repeat of their talk agree with it; one statement."""
    as_it_is: list[None] = [None] * len(ids)
    with connection.cursor() as cursor:
        cursor.execute(WRITE, [sorted(ids), as_it_is, as_it_is])


def wake(moments_: Iterable[dt.datetime | None]) -> None:
    """See that somebody looks at these moments: those that come soon get a job of their own, all others are found by the one
    that runs every minute. A worker takes jobs that were put off a second late, or when its hands are free, so they begin a
    few seconds early and wait (`looking.be_there`). Moments gone by share one, however many years of tickets are taken in."""
    now = timezone.now()
    for second in sorted({_bucket(max(at, now)) for at in moments_ if at is not None and at <= now + NEAR}):
        at = dt.datetime.fromtimestamp(second - AHEAD, dt.UTC)
        enqueue("support.look_at_clocks", key=f"support.clocks:{second}", at=at)


def _bucket(at: dt.datetime) -> int:
    """The beginning of the five seconds in which it is."""
    return int(at.timestamp()) // BUCKET * BUCKET


def running_batches(size: int = CHUNK) -> Iterator[list[int]]:
    """Tickets with a clock that is not over, a batch at a time: after hours or a level were changed."""
    last = 0
    while True:
        live = Clock.objects.filter(ended_at=None, ticket__gt=last).order_by("ticket")
        pks = list(live.values_list("ticket", flat=True).distinct()[:size])
        if not pks:
            return
        yield pks
        last = pks[-1]


def say_why(words: str) -> str:
    """Why a stretch began, in the reader's language: kept as "answered|Tomasz"."""
    verb, _bar, name = words.partition("|")
    said: dict[str, Any] = {
        "opened": _("it was opened"), "customer_replied": _("%s wrote"), "answered": _("%s answered"), "waits": _("%s waits for them"),
        "resumed": _("%s goes on"), "solved": _("%s solved it"), "reopened": _("opened again by %s"), "archived": _("%s put it away"),
    }  # fmt: skip
    text = str(said.get(verb, verb))
    return text % (name or _("Kith")) if "%s" in text else text
