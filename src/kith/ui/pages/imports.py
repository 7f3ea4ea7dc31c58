"""Importing in the browser: choose a file, say where its columns go, look at what would happen, run it, see what came.

    /import/                          what can be imported, and the imports so far
    /people/import/                   choose a file
    /people/import/12                 where that import stands: columns, check, progress or outcome
    /people/import/12/columns         its mapping; …/check …/run …/stop …/continue …/undo carry on
    /people/import/12/rejects.csv, …/mapping.json, …/row/7
    /import/mappings/3                mappings.py

Every page works without a script; pages of running imports then refresh themselves.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from kith.kernel.errors import Invalid, InvalidMany, KithError
from kith.kernel.intake import actions, queries, undoing
from kith.kernel.intake.mapping import Mapping, load
from kith.kernel.intake.models import ImportRun, State
from kith.kernel.intake.readers.words import size as in_words
from kith.kernel.intake.rejects import reject_chunks
from kith.kernel.intake.targets import Target, allowed, targets
from kith.kernel.intake.uploads import take_upload
from kith.ui.pages import answers, mappings
from kith.ui.pages.base import actor_of
from kith.ui.pages.importcolumns import chosen_mapping, columns, mapping_choices
from kith.ui.pages.importplace import STAGES, address, download, run_of, target_of
from kith.ui.pages.importshow import outcome, row_page
from kith.ui.render import fragment, is_htmx, page
from kith.ui.settings import register_settings
from kith.ui.shell import register_nav

KINDS = ".csv,.tsv,.txt,.xlsx,.jsonl,.json,.ndjson,.vcf,.gz"


def may_import(request: HttpRequest) -> bool:
    actor = actor_of(request)
    return any(allowed(t, actor) for t in targets())


register_nav(
    "import",
    label=gettext_lazy("Import a file"),
    icon="upload",
    href="/import/",
    section="new",
    order=90,
    visible=may_import,
)
register_settings(
    "imports",
    group="data",
    label=gettext_lazy("Imports"),
    icon="upload",
    href="/import/",
    says=gettext_lazy("Bring files in, see what came, take it back."),
)


@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """What can be imported, and the imports so far."""
    actor = actor_of(request)
    if request.GET.get("part") == "mappings":
        return fragment(request, "pages/import.html", "mappings", mappings.listed(actor))
    before = request.GET.get("before", "")
    found = queries.runs(
        actor, limit=queries.PAGE + 1, before=int(before) if before.isdecimal() and len(before) < 19 else None
    )
    able = [t for t in targets() if allowed(t, actor)]
    by_name = {t.name: t for t in targets()}
    shown = [(run, by_name[run.target]) for run in found[: queries.PAGE] if run.target in by_name]
    main = [t for t in able if t.record is not None and not t.record.settings]
    more = [t for t in able if t not in main]
    earlier = f"?before={shown[-1][0].pk}" if len(found) > queries.PAGE and shown else ""
    context = {"main": main, "more": more, "runs": shown, "earlier": earlier, **mappings.listed(actor)}
    return page(request, "pages/import.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: HttpRequest, slug: str) -> HttpResponse:
    """Choose a file, and perhaps a mapping that fits it already."""
    target = target_of(request, slug)
    problem, wrong_map = "", ""
    if request.method == "POST":
        try:
            mapping = chosen_mapping(request, target)
        except Invalid as refused:
            wrong_map = refused.message
        else:
            try:
                return HttpResponseRedirect(address(target, _take(request, target, mapping), "columns"), status=303)
            except (Invalid, InvalidMany) as refused:
                problem = refused.message
    context = {
        "target": target, "stages": STAGES, "accept": KINDS, "limit": in_words(settings.UPLOAD_LIMIT), "problem": problem,
        "wrong_map": wrong_map, "mappings": mapping_choices(target), "chosen": request.POST.get("mapping", ""),
    }  # fmt: skip
    return page(request, "pages/import_upload.html", context, 422 if problem or wrong_map else 200)


def _take(request: HttpRequest, target: Target, mapping: Mapping | None) -> ImportRun:
    given = request.FILES.get("file")
    if given is None:
        raise Invalid(_("Choose a file first."))
    return take_upload(target, given, mapping, by=actor_of(request))


@require_GET
def show(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Wherever this import stands."""
    target, run = run_of(request, slug, pk)
    if run.state == State.NEW or (run.state == State.CANCELLED and not run.counts):
        return HttpResponseRedirect(address(target, run, "columns"))
    context = {"target": target, "run": run, "stages": STAGES, "base": address(target, run), "new": address(target)}
    if run.state in actions.BUSY:
        context["live"] = queries.progress(run)
        if is_htmx(request):
            return fragment(request, "pages/import_progress.html", "progress", context)
        return page(request, "pages/import_progress.html", context)
    if is_htmx(request) and request.headers.get("HX-Target", "").endswith("import-progress"):
        answer = HttpResponse(status=204)
        answer["HX-Redirect"] = request.path
        return answer
    return page(request, "pages/import_outcome.html", {**context, **outcome(request, target, run)})


@require_POST
def carry_on(request: HttpRequest, slug: str, pk: int, verb: str) -> HttpResponse:
    """check, run, stop, continue, undo, undo-all; words: take words that were not understood into the mapping."""
    target, run = run_of(request, slug, pk)
    actor = actor_of(request)
    verbs: dict[str, Callable[[], Any]] = {
        "check": lambda: actions.ask_for_check(run, by=actor),
        "run": lambda: actions.ask_for_run(run, by=actor),
        "stop": lambda: actions.give_up(run, by=actor),
        "continue": lambda: actions.go_on(run, by=actor),
        "undo": lambda: undoing.take_back(run, by=actor),
        "undo-all": lambda: undoing.take_back(run, by=actor, everything=True),
        "words": lambda: _adopt(request, run),
    }
    if verb not in verbs:
        raise Http404("There is no such button.")
    try:
        verbs[verb]()
    except KithError as problem:
        return answers.go(request, address(target, run), problem.message)
    return answers.go(request, address(target, run))


def _adopt(request: HttpRequest, run: ImportRun) -> None:
    """Take proposals (or words written in) into the mapping, and check again."""
    mapping = load(run.mapping)
    entries = list(mapping.entries)
    for odd in queries.unresolved(run):
        ours = request.POST.get(f"other-{odd.pk}", "").strip() or request.POST.get(f"word-{odd.pk}", "")
        if not ours:
            continue
        for n, entry in enumerate(entries):
            if (entry.header, entry.to) == (odd.column, odd.to):
                entries[n] = replace(entry, values={**entry.values, odd.value: None if ours == "-" else ours})
    actions.set_mapping(run, replace(mapping, entries=tuple(entries)), by=actor_of(request))
    actions.ask_for_check(run, by=actor_of(request))


@require_GET
def rejects(request: HttpRequest, slug: str, pk: int) -> HttpResponseBase:
    _target, run = run_of(request, slug, pk)
    response = StreamingHttpResponse(reject_chunks(run), content_type="text/csv; charset=utf-8")
    return download(response, f"{run.file_name.split('.')[0]}.rejects.csv")


@require_GET
def mapping_file(request: HttpRequest, slug: str, pk: int) -> HttpResponseBase:
    _target, run = run_of(request, slug, pk)
    document = load(run.mapping).in_order_of(run.headers).dump()
    text = json.dumps(document, ensure_ascii=False, indent=2) + "\n"
    return download(HttpResponse(text, content_type="application/json"), f"{run.target}.mapping.json")


@require_GET
def one_row(request: HttpRequest, slug: str, pk: int, number: int) -> HttpResponse:
    """A row as it stood in the file, unmapped columns too, and what became of it."""
    target, run = run_of(request, slug, pk)
    context = {
        "target": target,
        "run": run,
        "base": address(target, run),
        **row_page(target, run, number, actor_of(request)),
    }
    return page(request, "pages/import_row.html", context)


urlpatterns = [
    *mappings.urlpatterns,
    path("import/", overview, name="imports"),
    path("<slug:slug>/import/", upload, name="import-upload"),
    path("<slug:slug>/import/<int:pk>", show, name="import-run"),
    path("<slug:slug>/import/<int:pk>/columns", columns, name="import-columns"),
    path("<slug:slug>/import/<int:pk>/rejects.csv", rejects, name="import-rejects"),
    path("<slug:slug>/import/<int:pk>/mapping.json", mapping_file, name="import-mapping"),
    path("<slug:slug>/import/<int:pk>/row/<int:number>", one_row, name="import-row"),
    path("<slug:slug>/import/<int:pk>/<slug:verb>", carry_on, name="import-carry-on"),
]
