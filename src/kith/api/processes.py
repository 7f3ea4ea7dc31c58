"""Processes over the API beside what every record type has: the draft as a document or a file, and what publishing it
would do. Publishing is the action `publish` of the process, as everywhere."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse

from kith.api.door import body, endpoint
from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid
from kith.process.definition.checks import faults
from kith.process.definition.document import Faults, read, write
from kith.process.definition.files import from_yaml, to_yaml
from kith.process.editor.drafting import process_called, working
from kith.process.publishing import bring, preview
from kith.process.versions import draft_of

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


draft = endpoint(get=read_draft, put=put_draft)
previewing = endpoint(get=read_preview)
