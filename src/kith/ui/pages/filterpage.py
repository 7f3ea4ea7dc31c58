"""A page that edits one filter of something: for whom a rule is, who a segment gathers, the condition of a branch.

The room says where the filter is kept and how it is saved; its template frames `pages/filter_form.html`, which needs the
context given here. Works without a script; with one, a change inside the filter draws the form alone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse

from kith.kernel.errors import Invalid, InvalidMany
from kith.kernel.lookups.look import Look
from kith.kernel.lookups.tree import Group, check_size, parse
from kith.ui.pages import answers
from kith.ui.pages.filteredit import edited, editor_context, with_a_line
from kith.ui.pages.filterform import tidied
from kith.ui.render import fragment, is_htmx, page


def readable(words: str) -> Group:
    """A kept filter as a tree; an empty one for what cannot be read any more, which is then made anew."""
    try:
        return parse(words)
    except Invalid:
        return Group()


def edit_filter(
    request: HttpRequest, template: str, look: Look, kept: Group, save: Callable[[Group], None], *,
    legend: str, back: str, said: str, more: Callable[[Group], dict[str, Any]] | None = None, **context: Any,
) -> HttpResponse:  # fmt: skip
    """Show or save a filter. `kept` is how it stands; `save` gets the tidied tree and raises Invalid for one it refuses.

    `back` is where one goes afterwards, with the words `said`; `legend` is what the lines are said of; `more` gives further
    context for the tree on the form, `met` among it: (how many meet it now, whether that is exact, what they are called).
    """

    def form(tree: Group, focus: str = "", problems: list[str] | None = None) -> HttpResponse:
        shown = {
            "problems": problems or [], "legend": legend, "back": back, "here": request.get_full_path(),
            **context, **(more(tidied(tree)) if more else {}), **editor_context(look, tree, focus, errors=bool(problems)),
        }  # fmt: skip
        status = 422 if problems else 200
        return (
            fragment(request, template, "form", shown, status)
            if is_htmx(request)
            else page(request, template, shown, status)
        )

    if request.method != "POST":
        return form(*with_a_line(kept))
    tree, focus = edited(look, request.POST)
    if request.POST.get("do", "refresh" if is_htmx(request) else "apply") != "apply":
        return form(tree, focus)
    try:
        save(check_size(tidied(tree)))
    except InvalidMany as problem:
        return form(tree, focus, [m for told in problem.errors.values() for m in told])
    except Invalid as problem:
        return form(tree, focus, [problem.message])
    return answers.go(request, back, said)
