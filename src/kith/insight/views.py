"""Pages of reports: `/reports/deals/?period=&from=&to=&filter=&by=&sort=&offset=`. The address carries all of it."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_POST, require_safe

from kith.insight.exports import export_table
from kith.insight.reports import PARTS, REPORTS, Ask, Result, changed, lenient, make
from kith.insight.shown import ReportLook, fallback_words, page_context, snapshot_context, table_context
from kith.insight.source import Source
from kith.kernel.errors import Invalid
from kith.kernel.lookups.tree import Condition, Group, check_size, to_text
from kith.kernel.records.registry import registry
from kith.ui.pages import answers
from kith.ui.pages.base import actor_of
from kith.ui.pages.filterform import ROOT, columns_to_filter, grown, pruned, read_tree, show_tree, tidied
from kith.ui.render import fragment, is_htmx, page

DEFAULT = "this_quarter"
FIRST_BY = {"deals": "owner", "activity": "person"}
TABLE, STANDING = frozenset({"tables"}), frozenset({"snapshot"})
WHOLE = PARTS - STANDING  # of the page; who stood where is asked for once it stands


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    return HttpResponseRedirect("/reports/deals/")


@require_safe
def report(request: HttpRequest, name: str) -> HttpResponse:
    """The whole page, or as a part the table alone."""
    if name not in REPORTS:
        raise Http404(f"There is no report “{name}”.")
    ask, problems = lenient(request.GET.dict(), DEFAULT)
    chosen = ask.by[0] if ask.by else FIRST_BY[name]
    if is_htmx(request):
        out = _make(request, name, changed(ask, by=(chosen,)), problems, TABLE)
        return fragment(request, "insight/report.html", "table", {**table_context(out), "problems": problems})
    wanted = changed(ask, by=tuple(dict.fromkeys((FIRST_BY[name], chosen))) if name == "activity" else (chosen,))
    out = _make(request, name, wanted, problems, WHOLE)
    if not _said(request) and not _any(out):
        wide, _none = lenient({"period": "all"}, "all")
        everything = _make(request, name, changed(wanted, period=wide.period), problems, WHOLE)
        if _any(everything):
            problems.append(fallback_words(out.period))
        if _any(everything) or not any(figure.count for figure in out.figures.values()):
            out = everything
    chosen = chosen if chosen in out.tables else FIRST_BY[name]
    return page(request, "insight/report.html", {**page_context(out, chosen), "problems": problems})


@require_safe
def standing(request: HttpRequest, name: str) -> HttpResponse:
    """Who stood where as the period began, a part of its own: it looks at every deal, whenever it was opened."""
    if name != "deals":
        raise Http404(f"There is no report “{name}” that says who stood where.")
    ask, problems = lenient(request.GET.dict(), DEFAULT)
    out = _make(request, name, changed(ask, by=(), sort=""), problems, STANDING)
    return fragment(request, "insight/snapshot.html", "snapshot", {"snapshot": snapshot_context(out)})


def _said(request: HttpRequest) -> bool:
    """Was a period asked for?"""
    return any(request.GET.get(key) for key in ("period", "from", "to"))


def _any(out: Result) -> bool:
    """Did anything end in the period: deals closed, things done?"""
    keys = ("won", "lost") if out.name == "deals" else ("everything",)
    return any(out.figures[key].count for key in keys)


def _make(
    request: HttpRequest, name: str, ask: Ask, problems: list[str], parts: frozenset[str] | None = None
) -> Result:
    """The report; a dimension or a sort that does not exist is left out and said."""
    more = {} if parts is None else {"parts": parts}
    try:
        return make(name, actor_of(request), ask, strict=False, **more)
    except Invalid as problem:
        if problem.field not in ("by", "sort"):
            raise
        problems.append(problem.message)
        return make(name, actor_of(request), changed(ask, sort="", by=(FIRST_BY[name],)), strict=False, **more)


@require_POST
def export(request: HttpRequest, name: str) -> HttpResponseBase:
    """The table that is shown as a file. A post, because it leaves a trace: who took what."""
    if name not in REPORTS:
        raise Http404(f"There is no report “{name}”.")
    ask, problems = lenient(request.GET.dict(), DEFAULT)
    if problems:
        raise Invalid(problems[0])
    return export_table(
        name, actor_of(request), changed(ask, by=ask.by or (FIRST_BY[name],)), request.POST.get("format", "")
    )


@require_safe
def filters(request: HttpRequest, name: str) -> HttpResponse:
    """The filter editor of lists, for the rows that a report counts."""
    if name not in REPORTS:
        raise Http404(f"There is no report “{name}”.")
    ask, _problems = lenient(request.GET.dict(), DEFAULT)
    return edit_filter(
        request, ReportLook.of(name, Source(registry[REPORTS[name].record], actor_of(request), ask.tree), ask)
    )


def edit_filter(request: HttpRequest, look: Any) -> HttpResponse:
    """The steps of the filter editor for the rows behind figures. `look` is a `Look` with `hows`, `narrowed_to` and `address`."""
    sent, done = request.GET, request.GET.get("do", "")
    if not done:
        return _editor(request, look, *_first(look, sent.get("at", "")))
    tree = read_tree(look, sent)
    verb, _sep, place = done.partition(":")
    if verb in ("apply", "clear"):
        return _apply(request, look, tree if verb == "apply" else Group())
    focus, steps = place, place.split("-")
    if steps[0] != ROOT or not all(s.isdecimal() and len(s) < 4 for s in steps[1:]):
        return _editor(request, look, tree, "")
    if verb in ("add", "group"):
        line = Condition("", "")
        tree = grown(tree, place, line if verb == "add" else Group("any", (line,)))
        focus = f"{place}-{len(tree.parts) - 1}" if place == ROOT else place
    elif verb == "remove" and place != ROOT:
        tree, focus = pruned(tree, place), ""
    return _editor(request, look, tree, focus)


def _first(look: Any, at: str) -> tuple[Group, str]:
    """The tree to begin with: the filter as it stands, and an empty line unless a part of it is to be edited."""
    tree = look.state.tree
    if at.isdecimal() and int(at[:6]) < len(tree.parts):
        return tree, f"{ROOT}-{int(at)}"
    tree = tree if tree.how == "all" else Group("all", (tree,))
    return grown(tree, ROOT, Condition("", "")), f"{ROOT}-{len(tree.parts)}"


def _apply(request: HttpRequest, look: Any, tree: Group) -> HttpResponse:
    tidy = tidied(tree)
    try:
        check_size(tidy)
    except Invalid as problem:
        return _editor(request, look, tree, "", problem=problem.message, status=422)
    asked = look.narrowed_to(tidy)
    if asked.compiled.broken:
        return _editor(request, look, tidy if tidy.how == "all" else Group("all", (tidy,)), "", errors=True, status=422)
    return answers.go(request, asked.address())


def _editor(request: HttpRequest, look: Any, tree: Group, focus: str, *, problem: str = "", errors: bool = False,
            status: int = 200) -> HttpResponse:  # fmt: skip
    hows = [(how, words) for how, words in look.hows()]
    context = {
        "look": look, "record": look.record, "base": look.base, "query": look.query(), "what": look.record.plural.lower(),
        "said": {k: v for k, v in look.params().items() if k != "filter"}, "root": show_tree(look, tree, focus=focus, errors=errors),
        "problem": problem, "columns": columns_to_filter(look), "hows": hows, "before": to_text(look.state.tree),
    }  # fmt: skip
    if is_htmx(request):
        return fragment(request, "pages/filter.html", "form" if request.GET.get("do") else "dialog", context, status)
    return page(request, "pages/filter.html", context, status)
