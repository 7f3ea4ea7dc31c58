"""The filter editor: column, comparison, value, in groups of all, any and none. A dialog over the list, a page without
a script; nothing is stored here, for the filter lives in the list's address.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import path
from django.views.decorators.http import require_GET

from kith.kernel.errors import Invalid
from kith.kernel.lookups.look import Look, look_at
from kith.kernel.lookups.tree import Group, check_size, to_text
from kith.ui.pages import answers
from kith.ui.pages.base import actor_of, base_url, record_of
from kith.ui.pages.filteredit import edited, editor_context, with_a_line
from kith.ui.pages.filterform import ROOT, tidied
from kith.ui.pages.frame import frame
from kith.ui.render import fragment, is_htmx, page


@require_GET
def filters(request: HttpRequest, slug: str) -> HttpResponse:
    """The editor. `at` is the part to begin with; `do` a button of the form: add, group or remove with a place, or apply."""
    look = look_at(record_of(slug), actor_of(request), request.GET)
    sent = request.GET
    done = sent.get("do", "refresh:" if f"g-{ROOT}" in sent else "")
    if not done:
        return _editor(request, look, *_first(look, sent))
    if done == "clear":
        return _go(request, look, Group())
    tree, focus = edited(look, sent)
    return _apply(request, look, tree) if done == "apply" else _editor(request, look, tree, focus)


def _first(look: Look, sent: QueryDict) -> tuple[Group, str]:
    """The tree to begin with: the filter as it stands, and one empty line unless a part of it is to be edited."""
    tree, at = look.state.tree, sent.get("at", "")
    if at.isdecimal() and int(at) < len(tree.parts):
        return tree, f"{ROOT}-{int(at)}"
    return with_a_line(tree)


def _apply(request: HttpRequest, look: Look, tree: Group) -> HttpResponse:
    """Back to the list with the filter; a line that cannot be used stays here with the reason beside it."""
    tidy = tidied(tree)
    try:
        check_size(tidy)
    except Invalid as problem:
        return _editor(request, look, tree, problem=problem.message, status=422)
    asked = Look(look.record, look.actor, look.views, look.view, look.state.changed(tree=tidy))
    if asked.compiled.broken:
        return _editor(request, look, tidy if tidy.how == "all" else Group("all", (tidy,)), errors=True, status=422)
    return _go(request, look, tidy)


def _go(request: HttpRequest, look: Look, tree: Group) -> HttpResponse:
    query = look.query(look.state.changed(tree=tree))
    return answers.go(request, base_url(look.record) + (f"?{query}" if query else ""))


def _editor(
    request: HttpRequest,
    look: Look,
    tree: Group,
    focus: str = "",
    *,
    problem: str = "",
    errors: bool = False,
    status: int = 200,
) -> HttpResponse:
    said = {k: v for k, v in look.params().items() if k != "filter"}
    context = {
        **frame(request, look), **editor_context(look, tree, focus, errors=errors), "said": said, "problem": problem,
        "before": to_text(look.state.tree),
    }  # fmt: skip
    if is_htmx(request):
        block = "form" if f"g-{ROOT}" in request.GET else "dialog"
        return fragment(request, "pages/filter.html", block, context, status)
    return page(request, "pages/filter.html", context, status)


urlpatterns = [path("<slug:slug>/filter/", filters, name="filter")]
