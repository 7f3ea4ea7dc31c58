"""The converting touch: the last one until somebody became business, as the room above that knows of deals tells."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

from django.utils import timezone

_since: list[Callable[[int], dt.date | None]] = []


def register_conversion(since: Callable[[int], dt.date | None]) -> None:
    """Say on which day the first deal with a person was opened; None where there is none."""
    _since[:] = [since]


def converting(person: int, touches: Sequence[Any]) -> Any:
    """Which of these touches, newest first, is the converting one; None where nothing came of them yet."""
    day = _since[0](person) if _since and touches else None
    return next((one for one in touches if day is not None and timezone.localtime(one.at).date() <= day), None)
