"""Do the next piece of work while the present one waits for the database."""

from __future__ import annotations

import contextvars
import queue
import threading
from collections.abc import Iterator
from typing import Any, TypeVar

from django.db import connections

T = TypeVar("T")
_END = object()


def ahead(items: Iterator[T], depth: int = 2) -> Iterator[T]:
    """The same items, made in a thread of their own at most `depth` ahead. Errors come out where they happened.

    The thread sees the caller's language and time zone. When the caller stops early, the thread ends with it.
    """
    ready: queue.Queue[Any] = queue.Queue(depth)
    gone = threading.Event()

    def put(item: Any) -> bool:
        while not gone.is_set():
            try:
                ready.put(item, timeout=0.2)
                return True
            except queue.Full:
                continue
        return False

    def work() -> None:
        try:
            for item in items:
                if not put(item):
                    return
            put(_END)
        except BaseException as problem:  # noqa: BLE001 - handed to the caller, who raises it
            put(problem)
        finally:
            connections.close_all()  # this thread's own, if a kind asked for one

    thread = threading.Thread(target=contextvars.copy_context().run, args=(work,), name="ahead", daemon=True)
    thread.start()
    try:
        while (item := ready.get()) is not _END:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        gone.set()
        thread.join()
