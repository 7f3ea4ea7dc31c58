"""What customers said that shows a need: here questions and wishes in tickets; rooms above add what they know, such as goals.

Readers get an actor and say only what that actor may see.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from kith.kernel.access.actor import Actor
from kith.kernel.records.registry import registry
from kith.retention.suggestions.naming import Line, Name

LATEST, MOST, LONG = 50, 4000, 140  # tickets looked at; letters of each that are read; letters that are quoted


@dataclass(frozen=True)
class Said:
    """Something they said: `text` is searched for products, line by line, `reason` is quoted with `quote` (else the line found)."""

    text: str
    reason: str
    quote: str = ""

    @cached_property
    def lines(self) -> list[Line]:
        return [Line(text) for text in self.text.splitlines() if text.strip()]


Reader = Callable[[Actor, Any], Iterable[Said]]
_readers: list[Reader] = []


def register_need(read: Reader) -> None:
    """Have suggestions look at more of what a company, or a person without one, said; what weighs most first."""
    if read not in _readers:
        _readers.append(read)


def said_by(actor: Actor, customer: Any) -> list[Said]:
    """Everything known, of one customer."""
    return [said for read in (*_readers, _tickets) for said in read(actor, customer)]


def asked_for(names: Sequence[Name], said: Iterable[Said]) -> str:
    """The reason to propose what goes by these names, from what they said; "" where nothing speaks of it."""
    for one in said:
        line = next((line for line in one.lines if line.speaks_of(names)), None)
        if line is not None:
            return one.reason % (one.quote or line.text).strip()[:LONG]
    return ""


def _tickets(actor: Actor, customer: Any) -> list[Said]:
    if not actor.can("ticket.see"):
        return []
    rows = registry["ticket"].rows(actor, archived=False).filter(kind__in=("wish", "question"))
    rows = rows.filter(**{customer._meta.model_name: customer}).order_by("-opened_at", "-pk")
    return [
        Said(f"{subject}\n{request[:MOST]}", _("They asked about it: “%s”"), subject)
        for subject, request in rows.values_list("subject", "request")[:LATEST]
    ]
