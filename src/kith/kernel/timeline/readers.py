"""Who reads the timeline: readers a moment later, followers at once.

Readers are webhooks, automation, notifications: each gets a delivery row in the event's transaction and is idempotent by
event id; `handles(verb)` keeps deliveries to what it asked for, `job` names the job that carries them out. Followers
keep a table that says the same as events do (how long deals stood in which stage); it must never be late, so they are
called in the transaction that writes the events, and again in the one that takes them back. Listeners act on what was
just said (a deal is won, so the relationship moves on), in the same transaction and operation, so that taking the
operation back takes back what they did; they are not called then. Those that write plain tables give `unhear`, which is
called in the transaction that takes the events back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from kith.kernel.access.actor import Actor


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


@dataclass(frozen=True)
class Listener:
    """`hear(entries, by)` gets the entries just written (`write.Entry`) whose verb it `handles`; `unhear(events, by)` the
    rows of those that were taken back."""

    handles: Callable[[str], bool]
    hear: Callable[[list[Any], Actor], None]
    unhear: Callable[[list[Any], Actor], None] | None = None


READERS: dict[str, Reader] = {}
FOLLOWERS: list[Follower] = []
LISTENERS: list[Listener] = []


def register(name: str, handles: Callable[[str], bool], job: str) -> None:
    """Declare a reader at start-up."""
    READERS[name] = Reader(name, handles, job)


def register_follower(record: str, verbs: Iterable[str], follow: Callable[[list[int]], None]) -> None:
    """Declare a follower at start-up."""
    FOLLOWERS.append(Follower(record, frozenset(verbs), follow))


def register_listener(
    handles: Callable[[str], bool],
    hear: Callable[[list[Any], Actor], None],
    unhear: Callable[[list[Any], Actor], None] | None = None,
) -> None:
    """Declare a listener at start-up."""
    LISTENERS.append(Listener(handles, hear, unhear))


def tell_listeners(entries: list[Any], by: Actor) -> None:
    """Let listeners act on these entries, in their transaction, after the write."""
    verbs = {e.says.verb_for(e.record) for e in entries}
    for listener in LISTENERS:
        wanted = {verb for verb in verbs if listener.handles(verb)}
        if wanted:
            listener.hear([e for e in entries if e.says.verb_for(e.record) in wanted], by)


def tell_followers(told: Iterable[tuple[str, str, int]]) -> None:
    """Let followers catch up with events, given as (verb, record, id). Call it in their transaction, after the write."""
    told = list(told)
    for follower in FOLLOWERS:
        if ids := sorted({pk for verb, record, pk in told if record == follower.record and verb in follower.verbs}):
            follower.follow(ids)


def unheard(verbs: Iterable[str]) -> set[str]:
    """Those of these verbs whose taking back somebody wants to hear of."""
    return {verb for verb in verbs if any(one.unhear is not None and one.handles(verb) for one in LISTENERS)}


def tell_taken_back(events: Iterable[Any], by: Actor) -> None:
    """Let listeners take back what they wrote for these events, in their transaction."""
    events = list(events)
    for listener in LISTENERS:
        if listener.unhear is not None and (found := [e for e in events if listener.handles(e.verb)]):
            listener.unhear(found, by)


def wanting(verb: str) -> list[Reader]:
    return [r for r in READERS.values() if r.handles(verb)]
