"""Importing in the browser: choose a file, say where its columns go, look at what would happen, run it, see what came.

    /import/                          what can be imported, and the imports so far
    /people/import/                   choose a file
    /people/import/12                 where that import stands: columns, check, progress or outcome
    /people/import/12/columns         its mapping; …/check …/run …/stop …/continue …/undo carry on
    /people/import/12/rejects.csv, …/mapping.json, …/row/7

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
from kith.kernel.intake import actions, checking, queries, storage, undoing
from kith.kernel.intake.mapping import Mapping, load, read_mapping
from kith.kernel.intake.models import ImportRun, State
from kith.kernel.intake.propose import propose
from kith.kernel.intake.readers.words import size as in_words
from kith.kernel.intake.rejects import reject_chunks
from kith.kernel.intake.targets import Target, allowed, targets
from kith.ui.pages import answers
from kith.ui.pages.base import actor_of
from kith.ui.pages.importform import choices, lines, read_form
from kith.ui.pages.importshow import outcome, row_page
from kith.ui.render import fragment, is_htmx, page
from kith.ui.settings import register_settings
from kith.ui.shell import register_nav

STAGES = (gettext_lazy("File"), gettext_lazy("Columns"), gettext_lazy("Check"), gettext_lazy("Import"))
READ = ("encoding", "delimiter", "quote", "sheet", "header_row")
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


def target_of(request: HttpRequest, slug: str) -> Target:
    target = next((t for t in targets() if t.slug == slug), None)
    if target is None:
        raise Http404(f"Nothing called “{slug}” can be imported.")
    target.allow(actor_of(request))
    return target


def run_of(request: HttpRequest, slug: str, pk: int) -> tuple[Target, ImportRun]:
    target = target_of(request, slug)
    run = queries.get_run(actor_of(request), pk)
    if run.target != target.name:
        raise Http404("That import is of another kind.")
    return target, run


def address(target: Target, run: ImportRun | None = None, rest: str = "") -> str:
    base = f"/{target.slug}/import/"
    return f"{base}{run.pk}{'/' + rest if rest else ''}" if run is not None else base


@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """What can be imported, and the imports so far."""
    actor = actor_of(request)
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
    return page(request, "pages/import.html", {"main": main, "more": more, "runs": shown, "earlier": earlier})


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
    known = queries.mappings(target.name)
    context = {
        "target": target, "stages": STAGES, "accept": KINDS, "limit": in_words(settings.UPLOAD_LIMIT), "problem": problem,
        "wrong_map": wrong_map, "mappings": [(key, name) for key, name, _document in known], "chosen": request.POST.get("mapping", ""),
    }  # fmt: skip
    return page(request, "pages/import_upload.html", context, 422 if problem or wrong_map else 200)


def _take(request: HttpRequest, target: Target, mapping: Mapping | None) -> ImportRun:
    given = request.FILES.get("file")
    if given is None:
        raise Invalid(_("Choose a file first."))
    lying = storage.take(given)
    try:
        run = actions.take_file(
            target, lying, given.name or _("file"), by=actor_of(request), read=dict(mapping.read) if mapping else None
        )
    except KithError:
        lying.unlink(missing_ok=True)
        raise
    if mapping is not None:
        run.mapping = mapping.fitted(run.headers).dump()
        run.save(update_fields=["mapping"])
    return run


def chosen_mapping(request: HttpRequest, target: Target) -> Mapping | None:
    """The mapping named or uploaded beside the file, or None. Raises Invalid."""
    given = request.FILES.get("map")
    if given is not None:
        mapping = read_mapping(given.read(2_000_001), given.name or "")
    else:
        known = {key: document for key, _name, document in queries.mappings(target.name)}
        document = known.get(request.POST.get("mapping", ""))
        mapping = load(document) if document else None
    if mapping is not None and mapping.type != target.name:
        raise Invalid(
            _("This mapping is for %(theirs)s, not for %(ours)s.") % {"theirs": mapping.type, "ours": target.name}
        )
    return mapping


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


@require_http_methods(["GET", "HEAD", "POST"])
def columns(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Where each column goes. POST keeps it and does what the pressed button says."""
    target, run = run_of(request, slug, pk)
    actor = actor_of(request)
    if (
        run.state not in (State.NEW, State.CHECKED, State.FAILED, State.CANCELLED)
        or run.operation is not None
        or not run.file
    ):
        return HttpResponseRedirect(address(target, run))
    mapping, problems, also = load(run.mapping), [], ""
    if request.method == "POST":
        do = request.POST.get("do", "check")
        try:
            if do == "read":
                actions.read_again(
                    run, {k: _choice(k, request.POST.get(k, "")) for k in READ if request.POST.get(k)}, by=actor
                )
                return HttpResponseRedirect(address(target, run, "columns"), status=303)
            if do == "use":
                mapping = (chosen_mapping(request, target) or mapping).fitted(run.headers)
            else:
                mapping = read_form(request.POST, mapping)
            if do.startswith("also:"):
                also = do.removeprefix("also:")
            elif do == "line":
                return _one_line(request, target, run, mapping)
            else:
                return _next(request, target, run, mapping, do)
        except InvalidMany as refused:
            problems = [s for sentences in refused.errors.values() for s in sentences]
        except Invalid as refused:
            problems = [refused.message]
    context = _mapping_page(request, target, run, mapping, also)
    return page(request, "pages/import_columns.html", {**context, "problems": problems}, 422 if problems else 200)


def _choice(key: str, given: str) -> Any:
    return (int(given) if given.isdecimal() and len(given) < 7 else 0) if key == "header_row" else given[:60]


def _next(request: HttpRequest, target: Target, run: ImportRun, mapping: Mapping, do: str) -> HttpResponse:
    actor = actor_of(request)
    actions.set_mapping(run, mapping, by=actor)
    if name := request.POST.get("save_as", "").strip():
        saved = actions.save_mapping(run, name, by=actor)
        if do == "save":
            return answers.go(request, address(target, run, "columns"), _("The mapping “%s” is kept.") % saved.name)
    if do in ("save", "use"):
        return HttpResponseRedirect(address(target, run, "columns"), status=303)
    (actions.ask_for_run if do == "run" else actions.ask_for_check)(run, by=actor)
    return HttpResponseRedirect(address(target, run), status=303)


def _mapping_page(
    request: HttpRequest, target: Target, run: ImportRun, mapping: Mapping, also: str = ""
) -> dict[str, Any]:
    actor = actor_of(request)
    table = storage.open_run(run, mapping)
    known = target.columns(actor, mapping)
    found = checking.look_at(mapping, target, table.headers, actor)
    plain = [(k, c.label) for k, c in known.items()]
    return {
        "target": target, "run": run, "stages": STAGES, "base": address(target, run), "new": address(target), "table": table,
        "lines": lines(mapping, propose(target, table, actor), known, also), "choices": choices(target, known, actor),
        "mapping": mapping, "doubts": found.doubts, "plain": plain, "matches": _matches(target, known),
        "match": _match(target, mapping), "mappings": [(key, name) for key, name, _d in queries.mappings(target.name)],
        "read": {k: mapping.read.get(k, "") for k in READ}, "ids": any(e.to == "external_id" or e.by == "external_id" for e in mapping.entries),
        "owner": mapping.constants.get("owner", ""), "constants": [*mapping.constants.items(), ("", ""), ("", "")],
        "compose": [*mapping.compose.items(), ("", "")], "sheets": [(name, name) for name in table.sheets], "limit": in_words(settings.UPLOAD_LIMIT),
    }  # fmt: skip


def _matches(target: Target, known: dict[str, Any]) -> list[tuple[str, str]]:
    return [(k, known[k].label) for k in target.match if k in known]


def _match(target: Target, mapping: Mapping) -> tuple[str, ...]:
    from kith.kernel.intake.matching import match_columns

    return match_columns(target.record, mapping) if target.record is not None else target.match


def _one_line(request: HttpRequest, target: Target, run: ImportRun, mapping: Mapping) -> HttpResponse:
    """The line whose target was just changed, with the questions that its new target has."""
    actor = actor_of(request)
    n = int(request.GET.get("line", "0")) if request.GET.get("line", "0").isdecimal() else 0
    known = target.columns(actor, mapping)
    found = [
        x
        for x in lines(mapping, propose(target, storage.open_run(run, mapping), actor), known)
        if x.header == request.POST.get(f"header-{n}")
    ]
    if not found:
        raise Http404("The file has no such column.")
    said = request.POST.get(f"to-{n}", "")
    line = next((x for x in found if x.to == said), found[0])
    first = request.POST.get(f"first-{n}") == "1"
    line = replace(line, n=n, first=first) if said else replace(line, n=n, first=first, entry=None, ask=frozenset())
    return fragment(
        request,
        "pages/import_columns.html",
        "line",
        {"line": line, "base": address(target, run), "choices": choices(target, known, actor)},
    )


@require_POST
def carry_on(request: HttpRequest, slug: str, pk: int, verb: str) -> HttpResponse:
    """check, run, stop, continue, undo, remove."""
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
    return _download(response, f"{run.file_name.split('.')[0]}.rejects.csv")


@require_GET
def mapping_file(request: HttpRequest, slug: str, pk: int) -> HttpResponseBase:
    _target, run = run_of(request, slug, pk)
    text = json.dumps(run.mapping, ensure_ascii=False, indent=2) + "\n"
    return _download(HttpResponse(text, content_type="application/json"), f"{run.target}.mapping.json")


def _download(response: Any, name: str) -> HttpResponseBase:
    safe = "".join(c if c.isalnum() or c in "-_. " else "_" for c in name)
    response["Content-Disposition"] = (
        f'attachment; filename="{safe.encode("ascii", "replace").decode().replace("?", "_")}"'
    )
    response["Cache-Control"] = "no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response  # type: ignore[no-any-return]


@require_GET
def one_row(request: HttpRequest, slug: str, pk: int, number: int) -> HttpResponse:
    """A row as it stood in the file, unmapped columns too, and what became of it."""
    target, run = run_of(request, slug, pk)
    context = {"target": target, "run": run, "base": address(target, run), **row_page(target, run, number)}
    return page(request, "pages/import_row.html", context)


urlpatterns = [
    path("import/", overview, name="imports"),
    path("<slug:slug>/import/", upload, name="import-upload"),
    path("<slug:slug>/import/<int:pk>", show, name="import-run"),
    path("<slug:slug>/import/<int:pk>/columns", columns, name="import-columns"),
    path("<slug:slug>/import/<int:pk>/rejects.csv", rejects, name="import-rejects"),
    path("<slug:slug>/import/<int:pk>/mapping.json", mapping_file, name="import-mapping"),
    path("<slug:slug>/import/<int:pk>/row/<int:number>", one_row, name="import-row"),
    path("<slug:slug>/import/<int:pk>/<slug:verb>", carry_on, name="import-carry-on"),
]
