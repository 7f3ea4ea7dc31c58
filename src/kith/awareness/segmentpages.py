"""Pages of segments that the generic ones cannot give: conditions with a live count, a segment made of a list's filter, and
why one row is in or out.
"""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from kith.awareness.access import registry_row
from kith.kernel.errors import Invalid, InvalidMany, NotFound
from kith.kernel.lookups.compile import say_tree
from kith.kernel.lookups.look import Look, look_at, look_with
from kith.kernel.lookups.state import ListState
from kith.kernel.lookups.tree import Group, to_text
from kith.kernel.records import actions
from kith.kernel.records.registry import registry
from kith.kernel.segments import explaining, queries
from kith.kernel.segments.models import How, Segment
from kith.kernel.segments.records import gathers
from kith.kernel.segments.trees import tree_of
from kith.ui.pages import answers
from kith.ui.pages.base import actor_of, record_of
from kith.ui.pages.filterpage import edit_filter
from kith.ui.render import page


@require_http_methods(["GET", "POST"])
def conditions(request: HttpRequest, pk: int) -> HttpResponse:
    """Who is gathered, as a filter; how many that are now stands beside it."""
    actor = actor_of(request)
    segment: Segment = registry_row("segment", actor, pk, "edit")
    if segment.how != How.DYNAMIC or segment.subject not in registry:
        raise Http404("This segment has no conditions.")
    record = registry[segment.subject]

    def save(tree: Group) -> None:
        actions.edit(registry["segment"], segment, {"conditions": to_text(tree)}, by=actor)

    def met(tree: Group) -> dict[str, Any]:
        return {"met": (*queries.live_count(actor, segment.subject, tree), record.plural.lower())}

    return edit_filter(
        request, "awareness/segment_conditions.html", look_with(record, actor, ListState()), tree_of(segment), save,
        legend=_("Who is in"), back=f"/segments/{pk}", said=_("Saved. Everybody is being looked at."), more=met, segment=segment,
    )  # fmt: skip


def offer(look: Look) -> str | None:
    """The address that makes a segment of what a list shows; None where there is no filter, or nothing to gather."""
    may = look.actor.can("segment.create") and gathers(look.record)
    return f"/segments/of/{look.record.slug}?{look.query()}" if may and look.state.tree and look.sound else None


@require_http_methods(["GET", "POST"])
def of_list(request: HttpRequest, slug: str) -> HttpResponse:
    """A segment of a list's filter, in one step: only its name is asked for."""
    record, actor = record_of(slug), actor_of(request)
    if not gathers(record):
        raise Http404("These are not gathered.")
    sent = QueryDict(request.POST.get("state", "")[:20_000]) if request.method == "POST" else request.GET
    look, problems = look_at(record, actor, sent), {}
    if request.method == "POST":
        values: dict[str, Any] = {
            "name": " ".join(request.POST.get("name", "").split()), "subject": record.name, "how": How.DYNAMIC,
            "conditions": to_text(look.state.tree), "about_text": request.POST.get("about_text", "").strip(),
        }  # fmt: skip
        try:
            made = actions.create(registry["segment"], values, by=actor)
        except InvalidMany as problem:
            problems = {key: messages[0] for key, messages in problem.errors.items()}
        except Invalid as problem:
            problems = {problem.field or "name": problem.message}
        else:
            return answers.go(request, f"/segments/{made.pk}", _("The segment “%s” is being filled.") % made.name)
    n, exact = queries.live_count(actor, record.name, look.state.tree)
    context = {
        "record": record, "sentence": say_tree(record, look.state.tree, actor), "count": n, "exact": exact,
        "errors": problems, "values": request.POST, "state": look.query(), "words_out": bool(look.state.query),
        "problems": [look.compiled.broken[0][1]] if look.compiled.broken else [],
    }  # fmt: skip
    return answers.ask(request, "awareness/segment_of_list.html", context, 422 if problems else 200)


@require_GET
def why(request: HttpRequest, pk: int, row: int) -> HttpResponse:
    """Why somebody is in a segment or not, condition by condition."""
    actor = actor_of(request)
    segment: Segment = registry_row("segment", actor, pk)
    record = registry.get(segment.subject)
    found = record.rows(actor).filter(pk=row).first() if record else None
    if record is None or found is None:
        raise NotFound(_("There is no such row that you may see."))
    told = explaining.why(segment, found.pk, actor)
    came, left = explaining.came_and_left(told.stay, segment, actor)
    context = {
        "segment": segment, "name": record.name_of(found), "href": record.url(found.pk), "told": told,
        "came": came, "left": left,
    }  # fmt: skip
    return page(request, "awareness/segment_why.html", context)
