"""Hand-overs said for a terminal and for programs: who waits to be taken over, one dossier, how long it takes."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from kith.kernel.access.actor import Actor
from kith.process.handovers.dossier import Dossier, known, said
from kith.process.handovers.late import Open
from kith.process.handovers.measures import Line, line, lines, passed
from kith.process.models import Handover, Journey
from kith.ui.dates import duration


def open_json(one: Open) -> dict[str, Any]:
    offered = one.offered
    return {
        "journey": one.journey.pk, "name": one.journey.name, "stage": one.journey.stage, "owner": str(one.journey.owner or ""),
        "won_on": one.journey.won_on.isoformat(), "limit": one.limit.isoformat(), "late": one.late,
        "offered_to": str(offered.receiver or "") if offered else "", "offered_at": offered.offered_at.isoformat() if offered else None,
    }  # fmt: skip


def open_lines(found: list[Open]) -> list[str]:
    """A line each: journey, until when, whose, and to whom it is offered."""
    if not found:
        return ["Everybody who is won is in somebody's hands."]
    out = []
    for one in found:
        due = timezone.localtime(one.limit).strftime("%Y-%m-%d %H:%M")
        to = f"offered to {one.offered.receiver or 'the team'}" if one.offered else "not offered"
        late = " late" if one.late else ""
        out.append(
            f"#{one.journey.pk:<7} {due}{late:<5} {one.journey.name[:60]} ({one.journey.owner or 'nobody'}; {to})"
        )
    return out


def last_of(journey: Journey) -> Handover | None:
    rows = Handover.objects.filter(journey=journey).select_related("giver", "receiver", "journey")
    return rows.order_by("-offered_at", "-pk").first()


def dossier_json(actor: Actor, journey: Journey) -> dict[str, Any]:
    """What was handed over last, or what would be."""
    last = last_of(journey)
    told = said(actor, last) if last else known(actor, journey)
    return {
        "journey": journey.pk, "name": journey.name, "state": _state(last), "says": last.says if last else "",
        "giver": str(last.giver or "") if last else "", "receiver": str(last.receiver or "") if last else "",
        "missing": last.missing if last else "", "goals": told.goals, "people": told.people, "dates": told.dates, "risks": told.risks,
        "promises": [{"id": p.pk, "wording": p.wording, "state": p.state, "due_on": p.due_on.isoformat() if p.due_on else None} for p in told.promises],
        "documents": [one.name for one in told.documents],
        **{key: value.isoformat() if last and (value := getattr(last, key)) else None for key in ("offered_at", "accepted_at", "returned_at")},
    }  # fmt: skip


def _state(last: Handover | None) -> str:
    if last is None:
        return "not offered"
    return "accepted" if last.accepted_at else "asked back" if last.returned_at else "offered"


def dossier_lines(actor: Actor, journey: Journey) -> list[str]:
    last = last_of(journey)
    told: Dossier = said(actor, last) if last else known(actor, journey)
    head = f"{_state(last)}, {last.giver or 'somebody'} to {last.receiver or 'the team'}" if last else _state(last)
    out = [f"#{journey.pk} {journey.name}", head]
    out += _part("Missing", last.missing if last and last.returned_at else "")
    parts = (("Said", last.says if last else ""), ("Goals", told.goals), ("People", told.people_words), ("Dates", told.dates_words),
             ("Risks", told.risks), ("Promises", "\n".join(_promise(p) for p in told.promises)),
             ("Documents", "\n".join(one.name for one in told.documents)))  # fmt: skip
    for title, words in parts:
        out += _part(title, words)
    return out


def _promise(promise: Any) -> str:
    return f"{promise.wording} ({promise.state}{f', due {promise.due_on}' if promise.due_on else ''})"


def _part(title: str, words: str) -> list[str]:
    return ["", title, *(f"  {one}" for one in words.splitlines())] if words.strip() else []


def times_json(actor: Actor) -> dict[str, Any]:
    """Working time until accepted, in seconds, and the share that was asked back; all, by giver, by team."""
    found = passed(actor)
    return {
        "all": _line(line("", found)), "givers": [_line(one) for one in lines(found, lambda one: one.giver)],
        "teams": [_line(one) for one in lines([one for one in found if one.team], lambda one: one.team)],
    }  # fmt: skip


def _line(one: Line) -> dict[str, Any]:
    seconds = one.median.total_seconds() if one.median is not None else None
    return {
        "name": one.name,
        "offered": one.offered,
        "accepted": one.accepted,
        "median_seconds": seconds,
        "asked_back": round(one.asked_back, 4),
    }


def times_lines(actor: Actor) -> list[str]:
    found = passed(actor)
    rows = [line("All", found), *lines(found, lambda one: one.giver)]
    out = [f"{'':<28} {'offered':>8} {'accepted':>9} {'until accepted':>15} {'asked back':>11}"]
    for one in rows:
        took = duration(one.median) if one.median is not None else "–"
        out.append(f"{one.name[:28]:<28} {one.offered:>8} {one.accepted:>9} {took:>15} {one.asked_back:>10.0%}")
    return out
