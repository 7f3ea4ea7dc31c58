"""The second step of an import: where each column of the file goes, and mappings that are kept for the next time."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kith.kernel.errors import Invalid, InvalidMany
from kith.kernel.intake import actions, checking, keeping, storage
from kith.kernel.intake.afterwards import afters
from kith.kernel.intake.mapping import Mapping, load, read_mapping
from kith.kernel.intake.models import ImportRun, State
from kith.kernel.intake.propose import propose
from kith.kernel.intake.readers.words import size as in_words
from kith.kernel.intake.targets import Target
from kith.kernel.intake.uploads import fits_type
from kith.ui.pages import answers
from kith.ui.pages.base import actor_of
from kith.ui.pages.importform import choices, lines, read_form
from kith.ui.pages.importplace import STAGES, address, run_of
from kith.ui.render import fragment, page

MOST_OFFERED = 3  # mappings that fit a file and are offered at once; the others stand in the list of all
READ = ("encoding", "delimiter", "quote", "sheet", "header_row")


def chosen_mapping(request: HttpRequest, target: Target) -> Mapping | None:
    """The mapping named or uploaded beside the file, or None. Raises Invalid."""
    given = request.FILES.get("map")
    if given is not None:
        mapping = read_mapping(given.read(2_000_001), given.name or "")
    else:
        mapping = keeping.use(target, request.POST.get("use") or request.POST.get("mapping", ""))
    return fits_type(mapping, target) if mapping is not None else None


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
        do = "use" if request.POST.get("use") else request.POST.get("do", "check")
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
    if do == "use":
        words = _("The columns go where “%s” says.") % mapping.name if mapping.name else ""
        return answers.go(request, address(target, run, "columns"), words)
    if do == "save" or request.POST.get("save_as", "").strip():
        saved = keeping.keep(run, request.POST.get("save_as", ""), by=actor)
        if do == "save":
            return answers.go(request, address(target, run, "columns"), _("The mapping “%s” is kept.") % saved.name)
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
        "match": _match(target, mapping), "mappings": mapping_choices(target),
        "read": {k: mapping.read.get(k, "") for k in READ}, "ids": any(e.to == "external_id" or e.by == "external_id" for e in mapping.entries),
        "afters": list(afters(target.name).values()), "constants": [*mapping.constants.items(), ("", ""), ("", "")],
        "fitting": [] if mapping.name else keeping.fitting(target, table.headers)[:MOST_OFFERED],
        "compose": [*mapping.compose.items(), ("", "")], "sheets": [(name, name) for name in table.sheets], "limit": in_words(settings.UPLOAD_LIMIT),
    }  # fmt: skip


def mapping_choices(target: Target) -> list[tuple[str, list[tuple[str, str]]]]:
    """The mappings of a type to choose from, those of the organisation before those that Kith brings."""
    every = keeping.offers(target)
    groups = (
        (_("Kept here"), [(o.key, o.name) for o in every if o.saved]),
        (_("Come with Kith"), [(o.key, o.name) for o in every if not o.saved]),
    )
    return [(label, found) for label, found in groups if found]


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
