"""Why one row is in a segment or not, over the API: condition by condition, with the value that decides."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.http import HttpRequest

from kith.api.door import endpoint
from kith.kernel.access.actor import Actor
from kith.kernel.errors import NotFound
from kith.kernel.records.registry import registry
from kith.kernel.segments import explaining


def read_why(actor: Actor, request: HttpRequest, pk: int, row: int) -> Any:
    segment = registry["segment"].get(actor, pk)
    record = registry.get(segment.subject)
    if record is None:
        raise NotFound(explaining.trouble(segment))
    found = record.get(actor, row)
    told = explaining.why(segment, found.pk, actor)
    came, left = explaining.came_and_left(told.stay, segment, actor)
    return {
        "segment": segment.pk, "row": found.pk, "member": told.member, "should": told.should,
        "came": came, "left": left,
        "reasons": [asdict(reason) for reason in told.reasons],
    }  # fmt: skip


why = endpoint(get=read_why)
