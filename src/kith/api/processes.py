"""Processes over the API beside what every record type has: the draft as a document or a file, and what publishing it
would do, and how relationships went: the map and the audit. Publishing is the action `publish` of the process, as everywhere."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse

from kith.api.door import body, endpoint
from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid, NotAllowed, NotFound
from kith.process.definition.checks import faults
from kith.process.definition.document import Faults, read, write
from kith.process.definition.files import from_yaml, to_yaml
from kith.process.editor.drafting import process_called, working
from kith.process.evidence.advice import advice_of
from kith.process.evidence.asked import Asked, MapLook
from kith.process.evidence.auditing import audit
from kith.process.evidence.page import Map
from kith.process.evidence.reading import sees_all
from kith.process.evidence.report import as_json, since
from kith.process.evidence.shown import map_json
from kith.process.publishing import bring, preview
from kith.process.versions import draft_of
from kith.ui.pages.frame import problems

YAML = "application/yaml"


def read_draft(actor: Actor, request: HttpRequest, key: str) -> Any:
    """What is being worked on: the draft, or what is in force. `Accept: application/yaml` asks for the file."""
    actor.require("settings.manage")
    process = process_called(key, actor)
    definition = working(process)
    if "yaml" in request.headers.get("Accept", ""):
        return HttpResponse(to_yaml(definition), content_type=f"{YAML}; charset=utf-8")
    return {
        "id": process.pk, "key": process.key, "draft": draft_of(process) is not None, "in_force": process.in_force,
        "faults": faults(definition), "document": write(definition),
    }  # fmt: skip


def put_draft(actor: Actor, request: HttpRequest, key: str) -> Any:
    """A document as the draft of the process with its key, which is made if there is none. All faults are told at once."""
    actor.require("settings.manage")
    definition = from_yaml(_text(request)) if "yaml" in (request.content_type or "") else read(body(request))
    if definition.key != key:
        raise Invalid(f"The document is the process “{definition.key}”, the address says “{key}”.", "key")
    bring(definition, by=actor)
    process = process_called(key, actor)
    return {
        "id": process.pk, "key": key, "draft": draft_of(process) is not None, "in_force": process.in_force, "faults": [],
        "document": write(definition),
    }  # fmt: skip


def _text(request: HttpRequest) -> str:
    try:
        return request.body.decode("utf-8")
    except UnicodeDecodeError:
        raise Invalid("The body is no text in UTF-8; send the process as YAML.") from None


def read_preview(actor: Actor, request: HttpRequest, key: str) -> Any:
    """What publishing the draft would do. Raises Faults where it cannot be published."""
    actor.require("settings.manage")
    process = process_called(key, actor)
    definition = working(process)
    if wrong := faults(definition):
        raise Faults(wrong)
    told = preview(process, definition)
    return {
        "changes": told.changes, "running": told.running, "gone": told.gone, "sooner": told.sooner, "later": told.later, "capped": told.capped,
        "branch": told.branch,
        "draft": draft_of(process) is not None, "begins": told.begins,
    }  # fmt: skip


def read_map(actor: Actor, request: HttpRequest, key: str) -> Any:
    """`?period=last_90_days` or `from=&to=`, `filter=` as in the list of journeys, `time=working`: how relationships went, of those
    within reach."""
    asked = _in_use(actor, key, Asked.read({**request.GET.dict(), "process": key}))
    look = MapLook.of(actor, asked)
    for words in [*asked.problems, *problems(look)]:
        raise Invalid(words)
    found = Map(actor, asked)
    if found.given_up:
        raise Invalid(found.given_up)
    return map_json(found)


def read_audit(actor: Actor, request: HttpRequest, key: str) -> Any:
    """`?since=2026-01-01`: every relationship judged by the version that held, for whoever sees all of them."""
    _in_use(actor, key, Asked.read({"process": key}))
    if not sees_all(actor):
        raise NotAllowed("The audit judges every relationship, so only a role that sees all of them reads it.")
    return as_json(audit(process_called(key, actor), since(request.GET.get("since", ""))))


def read_advice(actor: Actor, request: HttpRequest, key: str) -> Any:
    """What those colleagues had who bring most on from each stage, as of last night, for whoever sees all relationships."""
    asked = _in_use(actor, key, Asked.read({"process": key}))
    if not sees_all(actor):
        raise NotAllowed("This is counted from every relationship, so only a role that sees all of them reads it.")
    return {"data": list(advice_of(asked.chosen.process.pk).values())}


def _in_use(actor: Actor, key: str, asked: Asked | None) -> Asked:
    actor.require("journey.see")
    if asked is None or asked.chosen.process.key != key:
        raise NotFound(f"There is no process “{key}” in force.")
    return asked


mapped = endpoint(get=read_map)
audited = endpoint(get=read_audit)
advising = endpoint(get=read_advice)
draft = endpoint(get=read_draft, put=put_draft)
previewing = endpoint(get=read_preview)
