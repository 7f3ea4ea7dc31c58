"""Who reads the timeline: readers a moment later, followers at once.

Readers are webhooks, automation, notifications: each gets a delivery row in the event's transaction and is idempotent by
event id; `handles(verb)` keeps deliveries to what it asked for, `job` names the job that carries them out. Followers
keep a table that says the same as events do (how long deals stood in which stage); it must never be late, so they are
called in the transaction that writes the events, and again in the one that takes them back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Reader:
    name: str
    handles: Callable[[str], bool]
    job: str


@dataclass(frozen=True)
class Follower:
    """`follow(ids)` gets the rows of `record` whose story changed by one of `verbs`; it may be called twice."""

    record: str
    verbs: frozenset[str]
    follow: Callable[[list[int]], None]


READERS: dict[str, Reader] = {}
FOLLOWERS: list[Follower] = []


def register(name: str, handles: Callable[[str], bool], job: str) -> None:
    """Declare a reader at start-up."""
    READERS[name] = Reader(name, handles, job)


def register_follower(record: str, verbs: Iterable[str], follow: Callable[[list[int]], None]) -> None:
    """Declare a follower at start-up."""
    FOLLOWERS.append(Follower(record, frozenset(verbs), follow))


def tell_followers(told: Iterable[tuple[str, str, int]]) -> None:
    """Let followers catch up with events, given as (verb, record, id). Call it in their transaction, after the write."""
    told = list(told)
    for follower in FOLLOWERS:
        if ids := sorted({pk for verb, record, pk in told if record == follower.record and verb in follower.verbs}):
            follower.follow(ids)


def wanting(verb: str) -> list[Reader]:
    return [r for r in READERS.values() if r.handles(verb)]
