"""The filter editor: column, comparison, value, in groups of all, any and none. A dialog over the list, a page without
a script; nothing is stored here, for the filter lives in the list's address.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from kith.kernel.errors import Invalid
from kith.kernel.lookups.look import Look, look_at
from kith.kernel.lookups.tree import Condition, Group, check_size, to_text
from kith.ui.pages import answers
from kith.ui.pages.base import actor_of, base_url, record_of
from kith.ui.pages.filterform import ROOT, columns_to_filter, grown, pruned, read_tree, show_tree, tidied
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
    tree = read_tree(look, sent)
    verb, _sep, place = done.partition(":")
    if verb == "apply":
        return _apply(request, look, tree)
    if verb == "clear":
        return _go(request, look, Group())
    focus = place
    if verb == "add" and _is_place(place):
        tree, focus = grown(tree, place, Condition("", "")), f"{place}-{_size(tree, place)}"
    elif verb == "group" and _is_place(place):
        tree, focus = grown(tree, place, Group("any", (Condition("", ""),))), f"{place}-{_size(tree, place)}-0"
    elif verb == "remove" and _is_place(place) and place != ROOT:
        tree, focus = pruned(tree, place), ""
    return _editor(request, look, tree, focus)


def _first(look: Look, sent: QueryDict) -> tuple[Group, str]:
    """The tree to begin with: the filter as it stands, and one empty line unless a part of it is to be edited."""
    tree, at = look.state.tree, sent.get("at", "")
    if at.isdecimal() and int(at) < len(tree.parts):
        return tree, f"{ROOT}-{int(at)}"
    if tree.how != "all":
        tree = Group("all", (tree,))
    return grown(tree, ROOT, Condition("", "")), f"{ROOT}-{len(tree.parts)}"


def _is_place(place: str) -> bool:
    first, *steps = place.split("-")
    return first == ROOT and all(s.isdecimal() and len(s) < 4 for s in steps)


def _size(tree: Group, place: str) -> int:
    """How many parts the group at a place has."""
    group: Group | Condition = tree
    for step in place.split("-")[1:]:
        inner = group.parts if isinstance(group, Group) else ()
        if int(step) >= len(inner):
            return 0
        group = inner[int(step)]
    return len(group.parts) if isinstance(group, Group) else 0


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
        **frame(request, look), "root": show_tree(look, tree, focus=focus, errors=errors), "said": said, "problem": problem,
        "columns": columns_to_filter(look), "hows": [("all", _("all of these")), ("any", _("any of these")), ("not", _("none of these"))],
        "before": to_text(look.state.tree),
    }  # fmt: skip
    if is_htmx(request):
        block = "form" if f"g-{ROOT}" in request.GET else "dialog"
        return fragment(request, "pages/filter.html", block, context, status)
    return page(request, "pages/filter.html", context, status)


urlpatterns = [path("<slug:slug>/filter/", filters, name="filter")]
