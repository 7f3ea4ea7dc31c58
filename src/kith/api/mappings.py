"""Kept mappings of imports for programs: list, read, rename, remove; undo is that of the operation each answer names."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from kith.api.door import body, endpoint
from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid
from kith.kernel.intake import keeping
from kith.kernel.intake.models import SavedMapping


def list_mappings(actor: Actor, request: HttpRequest) -> Any:
    return {"data": [shape(saved) for saved in keeping.kept(actor)]}


def read_mapping(actor: Actor, request: HttpRequest, pk: int) -> Any:
    saved = keeping.get(actor, pk)
    return {**shape(saved), "document": {**saved.document, "name": saved.name}}


def rename_mapping(actor: Actor, request: HttpRequest, pk: int) -> Any:
    data = body(request)
    if set(data) != {"name"} or not isinstance(data["name"], str):
        raise Invalid("Of a mapping only its name can be changed: {“name”: “Spring fair”}.", "name")
    saved = keeping.get(actor, pk)
    op = keeping.rename(saved, data["name"], by=actor)
    return {**shape(saved), "operation": op.pk if op is not None else None}


def remove_mapping(actor: Actor, request: HttpRequest, pk: int) -> Any:
    return {"operation": keeping.remove(keeping.get(actor, pk), by=actor).pk}


def shape(saved: SavedMapping) -> dict[str, Any]:
    return {
        "id": saved.pk, "name": saved.name, "type": saved.target,
        "kept_by": {"id": saved.user_id, "name": str(saved.user)} if saved.user is not None else None,
        "updated_at": saved.updated_at.isoformat(), "used_at": saved.used_at.isoformat() if saved.used_at else None,
    }  # fmt: skip


collection = endpoint(get=list_mappings)
item = endpoint(get=read_mapping, patch=rename_mapping, delete=remove_mapping)
