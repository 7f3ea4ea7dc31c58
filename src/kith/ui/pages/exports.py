"""Exporting the rows of a list, or those picked, as CSV, XLSX or JSON lines.

GET shows the choice, POST with a format sends the file. It is a post because it leaves a trace: who exported what.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kith.kernel.errors import Invalid
from kith.kernel.intake.writers import CONTENT_TYPES
from kith.kernel.lookups.exporting import FORMATS, chunks, export_columns, prepare_export
from kith.kernel.lookups.look import Look, look_at
from kith.kernel.lookups.selection import Selection, picked
from kith.ui.pages import answers
from kith.ui.pages.base import actor_of, record_of
from kith.ui.pages.frame import frame

LABELS = {"csv": "CSV", "xlsx": "Excel (XLSX)", "jsonl": "JSON lines"}


@require_http_methods(["GET", "HEAD", "POST"])
def export(request: HttpRequest, slug: str) -> HttpResponseBase:
    record, actor = record_of(slug), actor_of(request)
    actor.require(f"{record.name}.export")
    given = QueryDict(request.POST.get("state", "")) if request.method == "POST" else request.GET
    look = look_at(record, actor, given)
    try:
        chosen = _chosen(request, look)
        if request.method != "POST" or "format" not in request.POST:
            return _form(request, look, chosen)
        every = request.POST.get("columns") == "all"
        rows = chosen.rows(record, actor) if chosen else None
        made = prepare_export(look, request.POST["format"], every=every, rows=rows)
    except Invalid as problem:
        return _form(request, look, None, problem.message)
    response = StreamingHttpResponse(chunks(made), content_type=CONTENT_TYPES[made.format])
    response["Content-Disposition"] = f'attachment; filename="{made.file_name}"'
    response["Cache-Control"] = "no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _chosen(request: HttpRequest, look: Look) -> Selection | None:
    """The rows picked one by one; None means all that the look shows."""
    ids = request.POST.getlist("pick")
    return picked(ids, every=False, filter="", query="") if ids and "all" not in request.POST else None


def _form(request: HttpRequest, look: Look, chosen: Selection | None, problem: str = "") -> HttpResponse:
    rows = look.everything if chosen is None else chosen.rows(look.record, look.actor)
    context: dict[str, Any] = {
        **frame(request, look), "chosen": list(chosen.ids) if chosen else [], "count": rows.order_by().count() if look.sound or chosen else 0,
        "formats": [(name, LABELS[name]) for name in FORMATS], "problem": problem, "sound": look.sound or bool(chosen),
        "shown_columns": ", ".join(c.label for c in export_columns(look)),
        "wide": [("shown", _("Only those shown")), ("all", _("All %s") % len(export_columns(look, every=True)))],
    }  # fmt: skip
    return answers.ask(request, "pages/list_export.html", context, 422 if problem else 200)


urlpatterns = [path("<slug:slug>/export", export, name="export")]
