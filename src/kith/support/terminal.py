"""Tickets said for a terminal and for programs."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from kith.kernel.access.actor import Actor, system
from kith.support.clocks.shown import clocks_of
from kith.support.models import Ticket
from kith.support.queries import talk, unsolved
from kith.support.routing import fairness
from kith.support.similar import causes

MOST = 100


def to_do(actor: Actor, *, late: bool = False, nobody: bool = False) -> list[Any]:
    """Tickets to do, the first hundred."""
    rows = unsolved(actor, "late" if late else "nobody" if nobody else "all")
    return list(rows.select_related("person", "company", "owner")[:MOST])


def as_json(row: Ticket, *, whole: bool = False) -> dict[str, Any]:
    """A ticket as plain values; whole: with its talk and its clocks."""
    out: dict[str, Any] = {
        "id": row.pk, "subject": row.subject, "state": row.state, "priority": row.priority, "kind": row.kind, "channel": row.channel,
        "person": str(row.person or ""), "company": str(row.company or ""), "owner": str(row.owner or ""),
        "opened_at": row.opened_at.isoformat(), "next_step": row.next_step,
        "next_step_at": row.next_step_at.isoformat() if row.next_step_at else None,
    }  # fmt: skip
    if whole:
        lines, _before = talk(row, system("cli"))
        out["talk"] = [{"side": one.side, "who": one.who, "at": one.at.isoformat(), "text": one.text} for one in lines]
        out["clocks"] = [
            {"clock": one.title, "state": one.state, "due": one.due.isoformat() if one.due else None,
             "history": [[s.state, s.begins.isoformat(), s.ends.isoformat() if s.ends else None, s.why] for s in one.stretches]}
            for one in clocks_of(row)
        ]  # fmt: skip
    return out


def fairness_json(actor: Actor) -> dict[str, Any]:
    """The page on fairness: what each agent holds and how it came to them, and causes that came again."""
    counts = ("held", "dealt", "due", "turn", "taken", "light", "picked", "handed")
    return {
        "agents": [
            {"name": str(one["user"]), "capacity": one["agent"].capacity if one["agent"] else None, **{key: one[key] for key in counts}}
            for one in fairness()
        ],
        "causes": [{**one, "yearly": {currency: str(sum_) for currency, sum_ in one["yearly"].items()}} for one in causes(actor)],
    }  # fmt: skip


def queue_lines(rows: list[Any]) -> list[str]:
    """A line each: number, when it is due, what and whose."""
    now = timezone.now()
    if not rows:
        return ["Nothing to do."]
    out = []
    for row in rows:
        due = timezone.localtime(row.next_step_at).strftime("%Y-%m-%d %H:%M") if row.next_step_at else "–"
        late = " late" if row.next_step_at and row.next_step_at < now and row.state != "waiting" else ""
        out.append(
            f"#{row.pk:<7} {due}{late:<5} {row.state:<8} {row.subject[:60]} ({row.person or row.company or '–'}; {row.owner or 'nobody'})"
        )
    return out


def ticket_lines(row: Ticket) -> list[str]:
    """All of one ticket."""
    lines, _before = talk(row, system("cli"))
    out = [
        f"#{row.pk} {row.subject}",
        f"{row.state}, {row.priority}, {row.kind}; {row.person or row.company or '–'}; {row.owner or 'nobody'}",
        "",
    ]
    for one in clocks_of(row):
        out.append(f"{one.title}: {one.words}")
        out += [
            f"  {s.begins:%Y-%m-%d %H:%M} – {f'{s.ends:%Y-%m-%d %H:%M}' if s.ends else '':<16} {s.words}: {s.why}"
            for s in one.stretches
        ]
    for line in lines:
        out += [
            "",
            f"{line.at:%Y-%m-%d %H:%M} {line.who}{f' ({line.how})' if line.how else ''}",
            *(f"  {t}" for t in line.text.splitlines()),
        ]
    return out
