"""Files of a row: the panel, putting one there, taking one away, and downloads through the same door as the row."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import filesizeformat
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from kith.kernel.access.actor import Actor
from kith.kernel.errors import NotAllowed
from kith.kernel.files.actions import MOST_AT_ONCE, add_files, remove_file
from kith.kernel.files.downloads import download
from kith.kernel.files.queries import file_of, files_of, keeps_files
from kith.kernel.files.storage import LIMIT
from kith.kernel.records.registry import registry
from kith.ui.pages import answers
from kith.ui.pages.base import actor_of
from kith.ui.pages.row import open_row
from kith.ui.panels import Panel
from kith.ui.render import fragment, is_htmx


def context(actor: Actor, row: Any) -> dict[str, Any] | None:
    record = registry.by_model(type(row))
    if record is None or not keeps_files(record):
        return None
    return {
        "files": files_of(record.name, row.pk, by=actor),
        "limit": filesizeformat(LIMIT),
        "problems": [],
        "size": filesizeformat,
    }


FILES = Panel("files", gettext_lazy("Files"), "pages/files.html", context, place="related", order=80)


@require_POST
def upload(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Keep one or several files; each that is not taken is named with the reason, the others stay."""
    opened = open_row(request, slug, pk)
    if not opened.may_edit:
        raise NotAllowed(_("You may see %s but not change it.") % opened.name)
    sent = request.FILES.getlist("file")
    if len(sent) > MOST_AT_ONCE:
        words = _("%(n)d files are too many at once; choose at most %(most)d.") % {"n": len(sent), "most": MOST_AT_ONCE}
        return _panel(request, opened, "", None, [words])
    if not sent:
        return _panel(request, opened, "", None, [_("Choose a file first.")])
    kept, refused, op = add_files(opened.record, opened.row, sent, by=opened.actor)
    problems = [problem.message for problem in refused]
    said = _("Added %s.") % ", ".join(stored.name for stored in kept) if kept else ""
    if not is_htmx(request) and not problems:
        return answers.go(request, f"{opened.url}#panel-files", said, op=op)
    return _panel(request, opened, said, op, problems)


def _panel(request: HttpRequest, opened: Any, said: str, op: Any, problems: list[str]) -> HttpResponse:
    from kith.ui.pages.panels import panel_context
    from kith.ui.render import page

    shown = {**panel_context(opened, FILES), "problems": problems}
    status = 422 if problems else 200
    if not is_htmx(request):
        return page(request, "pages/panel.html", shown, status)
    response = fragment(request, "pages/panel.html", "panel", shown, status)
    return answers.stay(response, said, op=op, types=answers.topics(opened.record, opened.row) if said else ())


@require_GET
def get(request: HttpRequest, pk: int) -> HttpResponse:
    """The content of a file, always as a download; 404 for whoever may not see its row."""
    stored, _record, _row = file_of(actor_of(request), pk)
    return download(stored)  # type: ignore[return-value]


@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    record, row, op = remove_file(pk, by=actor_of(request))
    said = _("File removed.")
    if not is_htmx(request):
        return answers.go(request, f"{record.url(row.pk)}#panel-files", said, op=op)
    return answers.stay(HttpResponse(status=204), said, op=op, types=answers.topics(record, row))


urlpatterns = [
    path("files/<int:pk>", get, name="file"),
    path("files/<int:pk>/remove", remove, name="remove_file"),
    path("<slug:slug>/<int:pk>/files", upload, name="upload"),
]
