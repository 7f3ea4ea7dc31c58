"""What the API offers beside records: who am I, what exists, operations and their undo."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from kith import __version__
from kith.api.door import endpoint
from kith.kernel.access.actor import Actor
from kith.kernel.records.registry import registry
from kith.kernel.timeline.models import Operation
from kith.kernel.timeline.operations import undo
from kith.kernel.timeline.queries import operation_of, operations


def index(actor: Actor, request: HttpRequest) -> Any:
    """What this Kith is, who the token stands for, and where the resources are."""
    return {
        "name": "Kith", "version": __version__, "openapi": "/api/v1/openapi.json",
        "me": {"id": actor.user_id, "name": actor.name, "role": actor.role},
        "resources": {r.slug: f"/api/v1/{r.slug}" for r in registry},
    }  # fmt: skip


def list_operations(actor: Actor, request: HttpRequest) -> Any:
    return {"data": [_operation(op) for op in operations(actor)]}


def undo_operation(actor: Actor, request: HttpRequest, pk: int) -> Any:
    done = undo(operation_of(actor, pk), by=actor)
    return {"undone": done.count, "conflicts": done.conflicts, "waiting": done.waiting}


def _operation(op: Operation) -> dict[str, Any]:
    return {
        "id": op.pk, "kind": op.kind, "label": op.label, "at": op.at.isoformat(), "actor": op.actor_name,
        "count": op.count, "undone_at": op.undone_at.isoformat() if op.undone_at else None, "conflicts": op.conflicts,
    }  # fmt: skip


root = endpoint(get=index)
operation_list = endpoint(get=list_operations)
operation_undo = endpoint(post=undo_operation)
