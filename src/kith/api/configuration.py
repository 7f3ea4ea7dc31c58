"""The configuration over the API: read as files, compared, applied. What was applied is taken back like any operation."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from kith.api import inputs
from kith.api.door import body, endpoint
from kith.configuration import actions
from kith.configuration.exporting import MANAGE, drafts_left, files_of
from kith.configuration.files import Files, checked
from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid


def read_files(actor: Actor, request: HttpRequest) -> Any:
    """All that is configured: `{"files": {"workflows/ask-why.yaml": "name: …"}}`. `drafts`: what is drafted and not in it."""
    return {"files": files_of(by=actor), "drafts": drafts_left(by=actor)}


def compare(actor: Actor, request: HttpRequest) -> Any:
    """`{"files": {…}}`: what applying them would do, column by column; nothing is written."""
    actor.require(MANAGE)
    data = body(request)
    inputs.only(data, ("files",))
    return actions.compare(_files(data), by=actor).as_json()


def apply_files(actor: Actor, request: HttpRequest) -> Any:
    """`{"files": {…}, "reviewed": "…"}`: do it, all or nothing. `reviewed`: the fingerprint of the comparison it rests on."""
    actor.require(MANAGE)
    data = body(request)
    inputs.only(data, ("files", "reviewed", "publish", "remove", "dry_run"))
    done = actions.apply(
        _files(data), by=actor, reviewed=inputs.text(data, "reviewed"), publish=inputs.yes(data, "publish"),
        remove=inputs.yes(data, "remove"), rehearse=inputs.yes(data, "dry_run"),
    )  # fmt: skip
    number = done.operation.pk if done.operation is not None else None
    return {**done.review.as_json(), "operation": number, "removed": done.removed}


def _files(data: dict[str, Any]) -> Files:
    files = data.get("files")
    if not isinstance(files, dict) or not all(isinstance(text, str) for text in files.values()):
        raise Invalid("“files” is an object with the text of each file under its path.", "files")
    return checked(files)


reading = endpoint(get=read_files)
comparing = endpoint(post=compare)
applying = endpoint(post=apply_files)
