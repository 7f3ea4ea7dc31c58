"""The page `/process/map` and its parts. The address says process, period and filter."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from kith.insight.views import edit_filter
from kith.kernel.errors import Invalid, NotAllowed
from kith.process.evidence.asked import Asked, MapLook
from kith.process.evidence.compared import costs, why_silent
from kith.process.evidence.decisions import advice, paths
from kith.process.evidence.designed import designed
from kith.process.evidence.ledger import came_words, items, ledger, teams
from kith.process.evidence.page import Map, fresh_words
from kith.ui.pages.base import actor_of
from kith.ui.pages.frame import problems
from kith.ui.render import fragment, page


def _asked(request: HttpRequest) -> Asked | None:
    actor = actor_of(request)
    if not actor.can("journey.see"):
        raise NotAllowed("Your role does not see relationships on their way; ask an administrator.")
    return Asked.read(request.GET.dict())


@require_safe
def process_map(request: HttpRequest) -> HttpResponse:
    asked = _asked(request)
    if asked is None:
        return page(request, "process/map.html", {"found": None})
    found = Map(actor_of(request), asked)
    if found.as_designed:
        return _as_designed(request, found)
    look = MapLook.of(found.actor, asked)
    compared = [] if found.actual else costs(found)
    drawing = found.drawing([one.stage for one in compared if one.costly])
    context = {
        "found": found, "drawing": drawing, "ledger": ledger(found), "items": items(found, drawing), "teams": teams(found.shown, found.asked.segment.key if found.asked.segment else ""),
        "came_words": came_words, "compared": compared, "why_silent": "" if found.actual else why_silent(found, compared), "advice": advice(found, compared), "look": look, "base": look.base,
        "query": look.query(), "chips": look.chips(), "problems": [*asked.problems, *problems(look)],
        "counted_at": fresh_words(found.counted_at), "paths_url": asked.address("/paths/"),
    }  # fmt: skip
    return page(request, "process/map.html", context)


def _as_designed(request: HttpRequest, found: Map) -> HttpResponse:
    segment = found.asked.segment.key if found.asked.segment else ""
    way = designed(found.definition, segment, found.asked.chosen.process.key)
    context = {"found": found, "way": way, "teams": teams(way.definition, segment), "problems": found.asked.problems}
    return page(request, "process/map.html", context)


@require_safe
def map_paths(request: HttpRequest) -> HttpResponse:
    """The paths taken, asked for by the page once it stands; they are counted from single relationships."""
    asked = _asked(request)
    shown, problem = None, ""
    try:
        shown = None if asked is None else paths(Map(actor_of(request), asked))
    except Invalid as given_up:
        problem = given_up.message
    return fragment(request, "process/paths.html", "paths", {"paths": shown, "problem": problem})


@require_safe
def map_filter(request: HttpRequest) -> HttpResponse:
    """The filter editor of lists, for the relationships that the map counts."""
    asked = _asked(request)
    if asked is None:
        return page(request, "process/map.html", {"found": None})
    return edit_filter(request, MapLook.of(actor_of(request), asked))
