"""Why somebody has a ticket: each way in which it came to a colleague, and where nobody has it, why nobody could take it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kith.kernel.access.actor import Actor
from kith.support.house import rules
from kith.support.models import Given, Ticket
from kith.support.routing import able

MOST = 20


@dataclass(frozen=True)
class Came:
    """One way in which a ticket came to somebody."""

    at: Any
    who: str
    how: str
    why: str
    weight: int


def came(actor: Actor, ticket: Ticket) -> list[Came]:
    """How it came to whom, the last first."""
    rows = Given.objects.filter(ticket=ticket).select_related("user").order_by("-at", "-pk")[:MOST]
    return [Came(row.at, str(row.user), row.how, say(row), row.weight) for row in rows]


def say(row: Given) -> str:
    """Why, in a sentence."""
    if row.how == "turn":
        whole = sum(row.able.values())
        if len(row.able) < 2 or not whole:
            return _("By turn; nobody else could take it.")
        share = round(100 * row.able.get(str(row.user_id), 0) / whole)
        said = _("By turn: one of %(n)d who could take it, with a share of %(share)d %%, and owed most.")
        return said % {"n": len(row.able), "share": share}
    if row.how == "taken":
        if not row.waited:
            return _("Took it themselves; nothing older waited.")
        return ngettext("Took it themselves, while %d older one waited.", "Took it themselves, while %d older ones waited.", row.waited) % row.waited  # fmt: skip
    return _("Was handed it by a colleague.")


def whose(actor: Actor, ticket: Ticket) -> dict[str, Any] | None:
    """What the panel shows; None where it was given to whoever has it as it was made."""
    rows = came(actor, ticket)
    stuck: list[tuple[str, str]] = []
    if ticket.owner_id is None and ticket.awaits_step and rules().route:
        could, told = able(ticket, timezone.now())
        stuck = [] if could else [(str(agent), why) for agent, why in told]
    if not rows and not stuck:
        return None
    return {"rows": rows, "stuck": stuck}
