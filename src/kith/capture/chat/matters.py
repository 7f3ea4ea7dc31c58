"""What is open with a visitor already: a room of another step says so (`register_matter`), and takes the chat in where it is about it.

Only who proved who they are is asked about it. An address that somebody typed tells them nothing of what we know.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from kith.capture.chat.models import Conversation


@dataclass(frozen=True)
class Matter:
    """Something that is open with a person: its id, and what it is called."""

    pk: int
    subject: str


Find = Callable[[int], Matter | None]
Join = Callable[[Conversation, int], bool]
Mark = Callable[[int], str]
_known: list[tuple[Find, Join, Mark]] = []


def register_matter(find: Find, join: Join, mark: Mark) -> None:
    """`find(person)` is what is open with somebody; `join(conversation, id)` takes a chat in, False where that is over by now;
    `mark(conversation id)` is what the subject of a mail holds by which an answer finds what the chat is part of, "" for nothing."""
    _known[:] = [(find, join, mark)]


def open_with(row: Conversation) -> Matter | None:
    """What a bot may ask about: nothing of whoever only said who they are."""
    if not row.proven or row.person_id is None:
        return None
    return next((found for find, _join, _mark in _known if (found := find(row.person_id)) is not None), None)


def join(row: Conversation, pk: int) -> bool:
    """The visitor says that it is about that. What they did not prove is not believed."""
    found = open_with(row)
    return found is not None and found.pk == pk and any(take(row, pk) for _find, take, _mark in _known)


def mark_of(row: Conversation) -> str:
    """For the subject of a mail in which a chat goes on."""
    return next((found for _find, _join, mark in _known if (found := mark(row.pk))), "")
