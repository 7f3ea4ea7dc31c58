"""Two customers become one: who stays has a row of their own, so that those of the others are put by and come back whole."""

from __future__ import annotations

from typing import Any

from kith.kernel.access.actor import Actor
from kith.retention.models import Care, Usage


def make_room(record: Any, keep: Any, others: list[Any], by: Actor) -> None:
    """Of counters of the same day, those of the one that stays hold."""
    if record.name not in ("company", "person"):
        return
    gone = {f"{record.name}__in": [o.pk for o in others]}
    if Care.objects.filter(**gone).exists():
        Care.objects.get_or_create(**{record.name: keep})
    kept = Usage.objects.filter(**{record.name: keep}).values_list("counter", "day")
    for counter, day in kept:
        Usage.objects.filter(**gone, counter=counter, day=day).delete()
