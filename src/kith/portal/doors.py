"""What other rooms do for customers who came in: tickets are opened and answered by the room that keeps them.

    register_support(open_ticket=…, answer_ticket=…, conversation=…)     at start-up, by whoever joins support and this

Until somebody does, customers read their tickets and write none.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

OpenTicket = Callable[[Any, str, str, Sequence[Any]], Any]  # (person, subject, body, uploads) -> ticket; raises Invalid
AnswerTicket = Callable[[Any, Any, str, Sequence[Any]], None]  # (person, ticket, body, uploads); raises Invalid


@dataclass(frozen=True)
class Line:
    """Something said in a ticket that its customer may read. `ours`: by one of us; `files`: stored files."""

    at: dt.datetime
    who: str
    ours: bool
    text: str
    files: tuple[Any, ...] = field(default=())


Conversation = Callable[[Any, Any], list[Line]]  # (person, ticket) -> what was said, the oldest first; no private notes


@dataclass(frozen=True)
class Support:
    open_ticket: OpenTicket
    answer_ticket: AnswerTicket
    conversation: Conversation | None = None


_support: list[Support] = []
_places: list[tuple[Any, str | Callable[[Any], str]]] = []


def register_support(
    *, open_ticket: OpenTicket, answer_ticket: AnswerTicket, conversation: Conversation | None = None
) -> None:
    """Say how tickets are opened and answered by customers. The last one registered decides."""
    _support[:] = [Support(open_ticket, answer_ticket, conversation)]


def support() -> Support | None:
    return _support[0] if _support else None


def register_place(label: Any, path: str | Callable[[Any], str]) -> None:
    """Offer a page in the customers' menu: a public one, such as articles, or by a function of the person one's own page, "" where
    there is none for them."""
    _places.append((label, path))


def places(person: Any) -> list[tuple[str, str]]:
    """(label, address) of the pages that are offered to somebody."""
    found = [(str(label), path(person) if callable(path) else path) for label, path in _places]
    return [(label, path) for label, path in found if path]
