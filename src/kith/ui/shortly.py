"""What stands on every page and is counted for it: kept for a few seconds for each person, so that opening pages one after
the other counts once. The pages these figures lead to count afresh."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Generic, TypeVar

from kith.kernel.organisation.models import current

T = TypeVar("T")
FRESH = 10.0  # seconds
MOST = 10_000  # people whose figure a process keeps


class Shortly(Generic[T]):
    """The figure of one place of the shell, by person."""

    def __init__(self) -> None:
        self._kept: dict[int | None, tuple[float, object, T]] = {}

    def get(self, user_id: int | None, count: Callable[[], T], *, afresh: bool = False) -> T:
        """What `count` said within the last seconds under the configuration in force; `count()` otherwise or when `afresh`."""
        now, stamp = time.monotonic(), current().config
        kept = self._kept.get(user_id)
        if afresh or kept is None or now - kept[0] > FRESH or kept[1] != stamp:
            if len(self._kept) >= MOST:
                self._kept.clear()
            kept = self._kept[user_id] = now, stamp, count()
        return kept[2]
