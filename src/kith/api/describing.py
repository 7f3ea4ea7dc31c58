"""Words of the description: one `Op` is a line of a table, `paths_of` makes OpenAPI paths of those an actor may use."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from kith.kernel.access.actor import Actor

Schema = dict[str, Any]
PROBLEM = {"$ref": "#/components/responses/Problem"}
INT, TEXT, FLAG, FREE = {"type": "integer"}, {"type": "string"}, {"type": "boolean"}, {"type": "object"}
MOMENT = {"type": ["string", "null"], "format": "date-time"}
SOMEBODY = {"type": ["object", "null"], "properties": {"id": INT, "name": TEXT}}
KEY = {"name": "Idempotency-Key", "in": "header", "schema": {"type": "string", "maxLength": 200}}
WHOLE = ("id", "pk", "number")  # names of path parameters that are numbers


def shape(needed: str = "", /, **properties: Schema) -> Schema:
    """An object of these properties and no other; `needed` names those that must be sent."""
    required = {"required": needed.split()} if needed else {}
    return {"type": "object", "properties": properties, "additionalProperties": False, **required}


def maybe(schema: Schema) -> Schema:
    return {**schema, "type": [schema["type"], "null"]}


def many(schema: Schema) -> Schema:
    return {"type": "array", "items": schema}


def ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def page(schema: Schema) -> Schema:
    """A page of a list: `next` is the cursor of the following one, "" at the end."""
    return {"type": "object", "properties": {"data": many(schema), "next": TEXT}}


def listed(schema: Schema) -> Schema:
    return {"type": "object", "properties": {"data": many(schema)}}


def content(schema: Schema, media: str = "application/json") -> Schema:
    return {"content": {media: {"schema": schema}}}


def answers(status: str, what: str, schema: Schema | None, media: str = "application/json") -> Schema:
    return {status: {"description": what, **(content(schema, media) if schema else {})}, "default": PROBLEM}


@dataclass(frozen=True)
class Op:
    """One method of one address. `query`: (name, what it says); `form`: the body is a form with files; `media`: what the
    answer is; `needs`: the right without which it is left out of the description."""

    method: str
    path: str
    id: str
    tag: str
    summary: str
    answer: Schema | None
    status: str = "200"
    body: Schema | None = None
    query: tuple[tuple[str, str], ...] = ()
    form: bool = False
    media: str = "application/json"
    needs: str = ""

    def described(self) -> Schema:
        asked = [{"name": n, "in": "query", "description": d, "schema": TEXT} for n, d in self.query]
        out = {
            "operationId": self.id, "tags": [self.tag], "summary": self.summary,
            "parameters": asked + ([KEY] if self.method != "get" else []),
            "responses": answers(self.status, self.summary, self.answer, self.media),
        }  # fmt: skip
        if self.body is not None:
            media = "multipart/form-data" if self.form else "application/json"
            out["requestBody"] = {"required": True, **content(self.body, media)}
        return out


def paths_of(ops: Iterable[Op], actor: Actor) -> dict[str, Schema]:
    """The paths of the operations that the actor has the right to."""
    paths: dict[str, Schema] = {}
    for op in ops:
        if op.needs and not actor.can(op.needs):
            continue
        names = re.findall(r"{(\w+)}", op.path)
        shared = {"parameters": [_in_path(name) for name in names]} if names else {}
        paths.setdefault(op.path, shared)[op.method] = op.described()
    return paths


def _in_path(name: str) -> Schema:
    return {"name": name, "in": "path", "required": True, "schema": INT if name in WHOLE else TEXT}
