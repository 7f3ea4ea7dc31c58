"""Twice is once: a row that says "done" is written in the same transaction as the effect it speaks of.

Workers can be killed between an effect and the queue's own bookkeeping, and then the job runs again. With this row the
second run sees that the first one committed; if the first rolled back, its row is gone with everything else.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from django.db import connection, transaction


@dataclass(frozen=True)
class Running:
    """The job that this code runs in: its row's id, its name, and how often it was tried before."""

    id: int
    name: str
    attempts: int


_running: ContextVar[Running | None] = ContextVar("kith_running_job", default=None)


def current_job() -> Running | None:
    """The job this code runs in, or None outside of any."""
    return _running.get()


@contextmanager
def running(job_id: int, name: str, attempts: int) -> Iterator[None]:
    token = _running.set(Running(job_id, name, attempts))
    try:
        yield
    finally:
        _running.reset(token)


@contextmanager
def once(key: str = "") -> Iterator[bool]:
    """A transaction that is True only for the first one that commits under `key`.

        with once(f"welcome:{person.pk}") as first:
            if first:
                send_welcome(person)

    Without a key the running job itself is meant. Of two at the same time the second waits for the first one's end.
    """
    if not key:
        job = current_job()
        if job is None:
            raise ValueError("once() needs a key when no job is running.")
        key = f"job:{job.id}"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("INSERT INTO jobs_effect (key, at) VALUES (%s, now()) ON CONFLICT DO NOTHING", [key])
        yield cursor.rowcount == 1
