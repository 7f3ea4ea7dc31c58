"""Keeping next steps and last touches on followed rows, in the transaction that changes an activity.

`activities/` knows what an activity is; this knows only that followed rows have a next step.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable

from kith.kernel.records.models import Followed
from kith.kernel.records.registry import registry

Ref = tuple[str, int]
_refreshers: list[Callable[[list[Ref]], None]] = []


def keeps_next_steps(fn: Callable[[list[Ref]], None]) -> Callable[[list[Ref]], None]:
    """Register the function that works out next steps of rows afresh (the activities room does)."""
    _refreshers.append(fn)
    return fn


def refresh(refs: Iterable[Ref]) -> None:
    """Work out the next steps of these rows afresh, after a merge or an import moved activities about."""
    given = list(dict.fromkeys(refs))
    for fn in _refreshers:
        fn(given)


def set_next_step(record: str, pk: int, *, step: str, at: dt.datetime | None) -> None:
    """The earliest open dated activity of a row, or ("", None) when there is none."""
    model = registry[record].model
    if issubclass(model, Followed):
        model._default_manager.filter(pk=pk).update(next_step=step[:300], next_step_at=at)


def touch(refs: Iterable[tuple[str, int]], at: dt.datetime) -> None:
    """A conversation happened: move `last_touch_at` forward, never back."""
    for record, pk in refs:
        model = registry[record].model
        if issubclass(model, Followed):
            rows = model._default_manager.filter(pk=pk)
            (rows.filter(last_touch_at__isnull=True) | rows.filter(last_touch_at__lt=at)).update(last_touch_at=at)
