"""What customers said that shows a need: here questions and wishes in tickets; rooms above add what they know, such as goals.

Readers get an actor and say only what that actor may see.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from kith.kernel.access.actor import Actor
from kith.kernel.records.registry import registry
from kith.kernel.text import fold

LATEST, SHORTEST, LONG = 50, 4, 140  # tickets looked at; letters of a name that is looked for; letters that are quoted


@dataclass(frozen=True)
class Said:
    """Something they said: `text` is searched for names of products, `reason` is quoted with `quote` (else the line found)."""

    text: str
    reason: str
    quote: str = ""


Reader = Callable[[Actor, Any], Iterable[Said]]
_readers: list[Reader] = []


def register_need(read: Reader) -> None:
    """Have suggestions look at more of what a company, or a person without one, said; what weighs most first."""
    if read not in _readers:
        _readers.append(read)


def said_by(actor: Actor, customer: Any) -> list[Said]:
    """Everything known, of one customer."""
    return [said for read in (*_readers, _tickets) for said in read(actor, customer)]


def asked_for(product: str, said: Iterable[Said]) -> str:
    """The reason to propose this product, from what they said; "" where nothing speaks of it."""
    name = fold(product).strip()
    if len(name) < SHORTEST:
        return ""
    for one in said:
        line = next((line for line in one.text.splitlines() if name in fold(line)), None)
        if line is not None:
            return one.reason % (one.quote or line).strip()[:LONG]
    return ""


def _tickets(actor: Actor, customer: Any) -> list[Said]:
    if not actor.can("ticket.see"):
        return []
    rows = registry["ticket"].rows(actor, archived=False).filter(kind__in=("wish", "question"))
    rows = rows.filter(**{customer._meta.model_name: customer}).order_by("-opened_at", "-pk")
    return [
        Said(search, _("They asked about it: “%s”"), subject)
        for search, subject in rows.values_list("search", "subject")[:LATEST]
    ]
