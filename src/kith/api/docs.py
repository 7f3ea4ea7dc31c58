"""The API for readers: its description as JSON for programs, and as a page for people."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_GET

from kith.api.openapi import LIST_PARAMETERS, document
from kith.kernel.access.actor import actor_for, system
from kith.kernel.accounts import tokens
from kith.kernel.records.registry import registry
from kith.ui.pages.base import actor_of
from kith.ui.render import page

METHODS = ("get", "post", "put", "patch", "delete")


@require_GET
def openapi(request: HttpRequest) -> HttpResponse:
    """The description: with a token as that user may use it, otherwise without custom fields (they are the tenant's)."""
    plain = request.headers.get("Authorization", "").partition(" ")[2].strip()
    token = tokens.check(plain) if plain else None
    if token:
        described = document(actor_for(token.user, "api"))
        return JsonResponse(described if token.scope == tokens.TokenScope.FULL else _reading(described))
    if request.user.is_authenticated:
        actor = actor_for(request.user, "api")
        return JsonResponse(document(actor))
    return JsonResponse(_public())


def _reading(described: dict[str, Any]) -> dict[str, Any]:
    """What is left for a token that may only read."""
    for path in described["paths"].values():
        for method in [m for m in METHODS if m != "get" and m in path]:
            del path[method]
    described["paths"] = {path: ops for path, ops in described["paths"].items() if "get" in ops}
    return described


def _public() -> dict[str, Any]:
    """What every Kith has; what this organisation added is for those who sign in."""
    described = document(system("api"))
    for schema in described["components"]["schemas"].values():
        schema.get("properties", {}).pop("custom", None)
    return described


@require_GET
def reading(request: HttpRequest) -> HttpResponse:
    """A page that explains the API and lists every resource with its fields and actions."""
    actor = actor_of(request)
    resources = [
        {
            "record": r,
            "columns": [
                {"key": c.key, "label": c.label, "type": _type(c.kind.schema()), "writable": c.writable or c.key in getattr(r, "at_creation", ()),
                 "required": c.required, "operators": ", ".join(c.kind.operators()) if c.filterable else ""}
                for c in r.columns(actor).values() if "api" in c.facts.faces
            ],
            "actions": [{"verb": a.verb, "label": a.label, "inputs": a.inputs} for a in r.actions],
        }
        for r in registry
    ]  # fmt: skip
    addresses = _addresses(document(actor))
    others = {tag: found for tag, found in addresses.items() if tag not in {r.plural for r in registry}}
    context = {"resources": resources, "parameters": LIST_PARAMETERS, "addresses": addresses, "others": others}
    return page(request, "api/reading.html", context)


def _addresses(described: dict[str, Any]) -> dict[str, list[dict[str, str]]]:
    """What the description tells, by part of the API: method, address, and what it does."""
    found: dict[str, list[dict[str, str]]] = {}
    for path, ops in described["paths"].items():
        for method in METHODS:
            if op := ops.get(method):
                said = {"method": method.upper(), "path": f"/api/v1{path}", "summary": op["summary"]}
                found.setdefault(op["tags"][0], []).append(said)
    return found


def _type(schema: dict[str, Any]) -> str:
    kinds = schema.get("type", "text")
    name = next((t for t in kinds if t != "null"), "") if isinstance(kinds, list) else kinds
    return f"{name} ({schema['format']})" if "format" in schema else str(name)


openapi.login_required = False  # type: ignore[attr-defined]
