"""Fields of an organisation's own over the API: list, add, change, take out of use, bring back. For administrators."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from kith.api import inputs
from kith.api.door import body, endpoint
from kith.kernel.access.actor import Actor
from kith.kernel.customfields import actions
from kith.kernel.customfields.models import CustomField
from kith.kernel.customfields.queries import field_of, fields_of
from kith.kernel.errors import Invalid, InvalidMany
from kith.kernel.records.registry import registry

TEXTS, FLAGS = ("label", "help", "section"), ("required", "indexed")
FIXED = ("type", "kind", "key", "target")


def list_fields(actor: Actor, request: HttpRequest) -> Any:
    """Those out of use included; `?type=person` lists those of one type."""
    actor.require("settings.manage")
    only = request.GET.get("type", "")
    return {"data": [_shape(f) for r in registry if only in ("", r.name) for f in fields_of(r.name)]}


def create_field(actor: Actor, request: HttpRequest) -> Any:
    """`{"type", "label", "kind", "choices": [labels], "target": type of a link, "key", "help", "section", …}`"""
    actor.require("settings.manage")
    data = body(request)
    inputs.only(data, (*FIXED, *TEXTS, *FLAGS, "choices"))
    key = inputs.text(data, "key")
    if key and key != actions.key_from(key):
        raise Invalid(f"A key is small letters, digits and “_”, like {actions.key_from(key)}.", "key")
    try:
        made = actions.define(
            record=inputs.text(data, "type"), kind=inputs.text(data, "kind"), key=key, target=inputs.text(data, "target"),
            choices=inputs.texts(data, "choices"), by=actor, **_facts({"label": "", **data}),
        )  # fmt: skip
    except InvalidMany as refused:  # a field's record type is called its type here
        raise InvalidMany({"type" if k == "record" else k: told for k, told in refused.errors.items()}) from None
    return 201, _shape(made)


def read_field(actor: Actor, request: HttpRequest, pk: int) -> Any:
    actor.require("settings.manage")
    return _shape(field_of(pk))


def change_field(actor: Actor, request: HttpRequest, pk: int) -> Any:
    """Its label, help, section, choices, whether it is required or quick to filter. Type, kind and key never change."""
    actor.require("settings.manage")
    data = body(request)
    inputs.only(data, (*TEXTS, *FLAGS, "choices"))
    field = field_of(pk)
    choices = inputs.texts(data, "choices") if "choices" in data else None
    if choices is not None and field.kind != "choice":
        raise Invalid("This field has no choices.", "choices")
    return _shape(actions.change_field(field, by=actor, choices=choices, **_facts(data)))


def archive_field(actor: Actor, request: HttpRequest, pk: int) -> Any:
    """Take it out of use; the values stay on the rows."""
    actor.require("settings.manage")
    return _shape(actions.archive_field(field_of(pk), by=actor))


def restore_field(actor: Actor, request: HttpRequest, pk: int) -> Any:
    actor.require("settings.manage")
    return _shape(actions.restore_field(field_of(pk), by=actor))


def _facts(data: dict[str, Any]) -> dict[str, Any]:
    texts = {name: inputs.text(data, name) for name in TEXTS if name in data}
    return texts | {name: inputs.yes(data, name) for name in FLAGS if name in data}


def _shape(field: CustomField) -> dict[str, Any]:
    return {
        "id": field.pk, "type": field.record, "key": field.key, "label": field.label, "kind": field.kind,
        "choices": field.options.get("choices", {}), "target": field.options.get("target", ""), "help": field.help,
        "section": field.section, "required": field.required, "indexed": field.indexed,
        "archived_at": field.archived_at.isoformat() if field.archived_at else None,
    }  # fmt: skip


collection = endpoint(get=list_fields, post=create_field)
item = endpoint(get=read_field, patch=change_field, delete=archive_field)
restore = endpoint(post=restore_field)
