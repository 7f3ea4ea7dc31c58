"""Readers of the timeline: webhooks, automation, notifications. Each gets a delivery row in the event's transaction.

A reader is idempotent by event id. `handles(verb)` keeps deliveries to what it asked for; `job` names the job that
carries them out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Reader:
    name: str
    handles: Callable[[str], bool]
    job: str


READERS: dict[str, Reader] = {}


def register(name: str, handles: Callable[[str], bool], job: str) -> None:
    """Declare a reader at start-up."""
    READERS[name] = Reader(name, handles, job)


def wanting(verb: str) -> list[Reader]:
    return [r for r in READERS.values() if r.handles(verb)]
