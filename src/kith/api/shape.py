"""Rows as JSON and JSON as values, by the registry's columns."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid, InvalidMany
from kith.kernel.records.actions import parse_values
from kith.kernel.records.columns import Column
from kith.kernel.records.models import ExternalId, RecordModel


def shown(record: Any, actor: Actor) -> dict[str, Column]:
    return {k: c for k, c in record.columns(actor).items() if "api" in c.facts.faces}


def asked_columns(record: Any, actor: Actor, request: HttpRequest) -> list[Column]:
    """The columns of `?fields=name,amount`, or all. Raises Invalid for an unknown one."""
    columns = shown(record, actor)
    names = [n for n in request.GET.get("fields", "").split(",") if n]
    for name in names:
        if name not in columns:
            raise Invalid(f"{record.label} has no field “{name}”; known: {', '.join(columns)}.", "fields")
    return [columns[n] for n in names] if names else list(columns.values())


def to_dict(record: Any, row: Any, columns: list[Column]) -> dict[str, Any]:
    """The row as JSON: id, version, columns; custom fields nested under "custom"."""
    out: dict[str, Any] = {"id": row.pk, "type": record.name, "url": record.url(row.pk)}
    if isinstance(row, RecordModel):
        out["version"] = row.version
    custom: dict[str, Any] = {}
    for column in columns:
        if column.custom:
            custom[column.custom] = column.raw(row)
        elif column.key != "id":
            out[column.key] = column.kind.dump(column.get(row))
    if custom:
        out["custom"] = custom
    return out


def values_of(record: Any, actor: Actor, data: dict[str, Any], extra: tuple[str, ...] = ()) -> dict[str, Any]:
    """Typed values by column key from a JSON object. Raises InvalidMany with a sentence per field."""
    columns = {k: c for k, c in record.writable(actor).items() if "api" in c.facts.faces}
    columns |= {k: c for k, c in record.columns(actor).items() if k in extra}
    return parse_values(record, flat(data), by=actor, columns=columns, json=True)


def flat(data: dict[str, Any]) -> dict[str, Any]:
    """The object with its custom fields under the keys of their columns: {"custom.tier": …}."""
    custom = data.get("custom", {})
    if not isinstance(custom, dict):
        raise InvalidMany({"custom": [_("Custom fields are an object: {“key”: value}.")]})
    return {k: v for k, v in data.items() if k != "custom"} | {f"custom.{k}": v for k, v in custom.items()}


def read_external(text: Any) -> tuple[str, str]:
    """("salesforce", "0031…") from "salesforce:0031…"."""
    source, _sep, value = str(text).partition(":")
    if not (source and value) or len(source) > 60 or len(value) > 200:
        raise InvalidMany({"external_id": [_("An external id is written as source:id, like salesforce:0031.")]})
    return source, value


def keep_external(record: Any, pk: int, text: Any) -> None:
    source, value = read_external(text)
    kept, made = ExternalId.objects.get_or_create(
        record=record.name, source=source, value=value, defaults={"record_id": pk}
    )
    if not made and kept.record_id != pk:
        raise InvalidMany({"external_id": [_("This external id already belongs to another row.")]})
