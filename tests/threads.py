"""Several workers at once, as tests have them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from django.db import connection


def together(todo: Callable[[], Any], times: int = 4) -> list[Exception]:
    """Run it in several threads at once, each with a connection of its own; returns what they raised."""
    problems: list[Exception] = []

    def one() -> None:
        try:
            todo()
        except Exception as problem:  # noqa: BLE001 - handed back to the test
            problems.append(problem)
        finally:
            connection.close()

    threads = [threading.Thread(target=one) for _n in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return problems
