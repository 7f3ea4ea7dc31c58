"""The history of health for days gone by, worked out as of each: for customers that Kith came to know with their past."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone

from kith.retention.customers import Key, customers_on
from kith.retention.health.computing import MOVED, Health, work_out
from kith.retention.health.parts import version
from kith.retention.models import HealthMoved

BATCH = 2000


@transaction.atomic
def replay(moments: Iterable[dt.datetime]) -> int:
    """Write how health moved from each of these moments to the next, of everybody who was a customer then; returns how many
    moves. Only for histories that begin: what stands there already is not looked at."""
    before: dict[Key, Health] = {}
    moves: list[HealthMoved] = []
    for at in sorted(moments):
        for batch in customers_on(timezone.localdate(at), BATCH):
            for key, health in work_out(batch, at, past=True).items():
                old = before.get(key)
                if health.points is None or (old is not None and abs((old.points or 0) - health.points) < MOVED):
                    continue
                moves.append(_move(key, old, health, at))
                before[key] = health
    HealthMoved.objects.bulk_create(moves, batch_size=5000)
    return len(moves)


def _move(key: Key, old: Health | None, health: Health, at: dt.datetime) -> HealthMoved:
    was: dict[Any, Any] = {line["key"]: line["points"] for line in old.lines} if old is not None else {}
    why = [
        {"name": line["name"], "before": was.get(line["key"]), "after": line["points"], "words": line["words"], "weight": line["weight"]}
        for line in health.lines if was.get(line["key"]) != line["points"]
    ]  # fmt: skip
    return HealthMoved(
        **{f"{key[0]}_id": key[1]}, at=at, before=old.points if old is not None else None, after=health.points,
        band_before=old.band if old is not None else "", band=health.band, confidence=health.confidence, why=why, version=version(),
    )  # fmt: skip
