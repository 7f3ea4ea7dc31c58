"""Rows as a file over the API: CSV, XLSX or JSON lines, streamed, as the browser and the command line write them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import tzinfo
from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils import timezone

from kith.api.door import endpoint
from kith.api.looks import look_of
from kith.api.resources import record_named
from kith.kernel.access.actor import Actor
from kith.kernel.intake.writers import CONTENT_TYPES
from kith.kernel.lookups.exporting import chunks, prepare_export


def export_rows(actor: Actor, request: HttpRequest, slug: str) -> Any:
    """`?format=csv&view=&filter=&q=&sort=&columns=`: all columns when none are named, else the id and those."""
    record, asked = record_named(slug), request.GET.dict()
    if request.method == "HEAD":  # says what there is; nothing leaves, so no trace is left
        actor.require(f"{record.name}.export")
        return HttpResponse()
    keys = [k for k in asked.get("columns", "").split(",") if k]
    made = prepare_export(look_of(record, actor, asked), asked.get("format") or "csv", every=True, keys=keys)
    pieces = _within(timezone.get_current_timezone(), chunks(made))
    response = StreamingHttpResponse(pieces, content_type=CONTENT_TYPES[made.format])
    response["Content-Disposition"] = f'attachment; filename="{made.file_name}"'
    response["Cache-Control"] = "no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _within(zone: tzinfo, pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The pieces, made in the reader's time zone: they are sent when the request's own has been put back."""
    with timezone.override(zone):
        yield from pieces


rows = endpoint(get=export_rows)
