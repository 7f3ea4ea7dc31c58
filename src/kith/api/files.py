"""Files of a record over the API: list, add, download, remove. The checks are those of the page."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from kith.api import inputs
from kith.api.door import endpoint, form
from kith.api.resources import limit_of, record_named
from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid, InvalidMany, NotFound
from kith.kernel.files.actions import MOST_AT_ONCE, add_files, remove_file
from kith.kernel.files.downloads import download
from kith.kernel.files.models import StoredFile
from kith.kernel.files.queries import file_of, files_of, keeps_files


def list_files(actor: Actor, request: HttpRequest, slug: str, pk: int) -> Any:
    """The newest first; `?limit=&cursor=`."""
    record, row = _row(actor, slug, pk)
    limit, start = limit_of(request), inputs.cursor_of(request, 2**31)
    found = files_of(record.name, row.pk, by=actor, limit=limit + 1, start=start)
    return {
        "data": [_shape(stored) for stored in found[:limit]],
        "next": str(start + limit) if len(found) > limit else "",
    }


def upload(actor: Actor, request: HttpRequest, slug: str, pk: int) -> Any:
    """A form with one or several parts “file”. Those that are taken stay, each other one is named with the reason."""
    record, row = _row(actor, slug, pk)
    _fields, files = form(request)
    sent = files.getlist("file")
    if not sent:
        raise Invalid("Send at least one file, in the part “file”.", "file")
    if len(sent) > MOST_AT_ONCE:
        raise Invalid(f"Send at most {MOST_AT_ONCE} files at once.", "file")
    kept, refused, op = add_files(record, row, sent, by=actor)
    problems = [problem.message for problem in refused]
    if not kept:
        raise InvalidMany({"file": problems})
    return 201, {"data": [_shape(stored) for stored in kept], "refused": problems, "operation": op.pk}


def read_file(actor: Actor, request: HttpRequest, pk: int) -> Any:
    """The content."""
    stored, _record, _row = file_of(actor, pk)
    return download(stored)


def drop_file(actor: Actor, request: HttpRequest, pk: int) -> Any:
    _record, _row, op = remove_file(pk, by=actor)
    return {"operation": op.pk}


def _row(actor: Actor, slug: str, pk: int) -> tuple[Any, Any]:
    record = record_named(slug)
    if not keeps_files(record):
        raise NotFound(f"{record.plural} keep no files.")
    return record, record.get(actor, pk)


def _shape(stored: StoredFile) -> dict[str, Any]:
    by = stored.uploaded_by
    return {
        "id": stored.pk, "name": stored.name, "size": stored.size, "content_type": stored.content_type,
        "sha256": stored.sha256, "added_by": {"id": by.pk, "name": str(by)} if by is not None else None,
        "created_at": stored.created_at.isoformat(), "url": f"/api/v1/files/{stored.pk}",
    }  # fmt: skip


of_record = endpoint(get=list_files, post=upload)
item = endpoint(get=read_file, delete=drop_file)
