"""The OpenAPI 3.1 description, made from the registry: columns give schemas, action signatures give bodies."""

from __future__ import annotations

from typing import Any

from kith import __version__
from kith.api.describing import answers as _answers
from kith.api.describing import content as _content
from kith.api.describing import paths_of
from kith.api.openapi_others import OTHERS
from kith.api.openapi_records import bulk_input, ops_of, set_input
from kith.api.openapi_shapes import SHAPES
from kith.kernel.access.actor import Actor
from kith.kernel.records.action import Action
from kith.kernel.records.registry import registry

LIST_PARAMETERS = [
    ("view", "A view's id or name: its filter, words and sort; what else is asked stands on top."),
    ("filter", "Conditions, like owner.is:me,amount.over:1000,any(stage.is:3|4,closes_on.in:this_quarter)."),
    ("q", "Words; every one must begin a word of the row."),
    ("sort", "A column, with - before it for descending."),
    ("cursor", "The “next” or “previous” of an earlier answer."),
    ("limit", "Rows per page, 1 to 200; 50 when left out."),
    ("fields", "Columns to send, parted by commas; all when left out."),
    ("count", "“capped” counts up to 1,000, “exact” counts all."),
    ("external_id", "source:id of another system."),
    ("archived", "1 lists archived rows only."),
]


def document(actor: Actor) -> dict[str, Any]:
    """The whole description, as this actor may use it."""
    paths: dict[str, Any] = {}
    schemas: dict[str, Any] = {"Problem": _problem_schema(), **SHAPES}
    for record in registry:
        schemas[record.name] = _schema(record, actor)
        schemas[f"{record.name}_input"] = _input_schema(record, actor)
        schemas[f"{record.name}_set"] = set_input(record, actor, _described)
        schemas[f"{record.name}_bulk"] = bulk_input(record, actor)
        paths |= _paths(record) | paths_of(ops_of(record, actor), actor)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Kith", "version": __version__, "description": "Everything the pages can do, for programs."},
        "servers": [{"url": "/api/v1"}],
        "security": [{"token": []}],
        "paths": paths | paths_of(OTHERS, actor),
        "components": {
            "schemas": schemas,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "responses": {
                "Problem": {
                    "description": "A refusal in words, with pointers to the fields.",
                    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
                }
            },
        },
    }


def _problem_schema() -> dict[str, Any]:
    error = {"type": "object", "properties": {"pointer": {"type": "string"}, "detail": {"type": "string"}}}
    properties = {"type": {"type": "string"}, "title": {"type": "string"}, "status": {"type": "integer"},
                  "detail": {"type": "string"}, "errors": {"type": "array", "items": error}}  # fmt: skip
    return {"type": "object", "properties": properties}


def _described(column: Any) -> dict[str, Any]:
    schema = dict(column.kind.schema())
    schema["title"] = str(column.label)
    if column.facts.help:
        schema["description"] = str(column.facts.help)
    return schema


def _schema(record: Any, actor: Actor) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "id": {"type": "integer"}, "type": {"const": record.name}, "url": {"type": "string"}, "version": {"type": "integer"}
    }  # fmt: skip
    custom = {}
    for column in record.columns(actor).values():
        if "api" not in column.facts.faces or column.key == "id":
            continue
        target = custom if column.custom else properties
        target[column.custom or column.key] = {**_described(column), **({} if column.writable else {"readOnly": True})}
    if custom:
        properties["custom"] = {"type": "object", "properties": custom}
    return {"type": "object", "title": record.label, "properties": properties}


def _input_schema(record: Any, actor: Actor) -> dict[str, Any]:
    columns = [c for c in record.writable(actor).values() if "api" in c.facts.faces]
    extra = [record.columns(actor)[k] for k in getattr(record, "at_creation", ()) if k in record.columns(actor)]
    properties: dict[str, Any] = {c.key: _described(c) for c in [*columns, *extra] if not c.custom}
    custom = {c.custom: _described(c) for c in columns if c.custom}
    if custom:
        properties["custom"] = {"type": "object", "properties": custom}
    properties["external_id"] = {"type": "string", "description": "source:id of another system"}
    required = [c.key for c in columns if c.required and not c.custom]
    return {
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
        **({"required": required} if required else {}),
    }


def _paths(record: Any) -> dict[str, Any]:
    row, given = {"$ref": f"#/components/schemas/{record.name}"}, {"$ref": f"#/components/schemas/{record.name}_input"}
    tag, name = [record.plural], record.name
    many = {"type": "object", "properties": {"data": {"type": "array", "items": row}, "next": {"type": "string"},
                                             "previous": {"type": "string"}, "count": {"type": "integer"}}}  # fmt: skip
    query = [{"name": n, "in": "query", "description": d, "schema": {"type": "string"}} for n, d in LIST_PARAMETERS]
    key = {"name": "Idempotency-Key", "in": "header", "schema": {"type": "string", "maxLength": 200}}
    match = {"name": "If-Match", "in": "header", "schema": {"type": "string"}}
    pk = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}

    def op(verb: str, summary: str, answers: dict[str, Any], **more: Any) -> dict[str, Any]:
        return {"operationId": f"{verb}_{name}", "tags": tag, "summary": summary, "responses": answers, **more}

    base = f"/{record.slug}"
    paths: dict[str, Any] = {
        base: {
            "get": op("list", f"List {record.plural.lower()}", _answers("200", "A page of rows", many), parameters=query),
            "post": op("create", f"Add a {record.label.lower()}", _answers("201", "The new row", row),
                       parameters=[key], requestBody={"required": True, **_content(given)}),
        },
        f"{base}/{{id}}": {
            "parameters": [pk],
            "get": op("read", "Read one", _answers("200", "The row", row)),
            "patch": op("change", "Change some fields", _answers("200", "The row as it is now", row),
                        parameters=[key, match], requestBody={"required": True, **_content(given)}),
            "delete": op("archive", "Archive (can be brought back)", _answers("204", "Done", None), parameters=[key]),
        },
        f"{base}/{{id}}/events": {
            "parameters": [pk],
            "get": op("timeline", "Its timeline, newest first", _answers("200", "A page of events", {"type": "object"})),
        },
    }  # fmt: skip
    for part in record.parts:
        rows = {"type": "object", "properties": {"data": {"type": "array", "items": part.schema()}}}
        paths[f"{base}/{{id}}/{part.key}"] = {
            "parameters": [pk],
            "get": op(f"read_{part.key}", str(part.label), _answers("200", str(part.label), rows)),
        }
    for act in record.actions:
        paths[f"{base}/{{id}}/actions/{act.verb}"] = {
            "parameters": [pk],
            "post": op(act.verb, str(act.label), _answers("200", "The row after it", row),
                       parameters=[key], requestBody=_content(_action_schema(act))),
        }  # fmt: skip
    return paths


def _action_schema(act: Action) -> dict[str, Any]:
    properties = {i.key: {**i.kind.schema(), "title": str(i.label)} for i in act.inputs}
    required = [i.key for i in act.inputs if i.required]
    return {"type": "object", "properties": properties, **({"required": required} if required else {})}
