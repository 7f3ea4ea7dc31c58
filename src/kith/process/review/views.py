"""The list of reviews, and the page of one: read it, print it, hold the meeting with it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from kith.kernel.errors import KithError, NotAllowed
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.records.registry import registry
from kith.process.review.listing import Listed
from kith.process.review.page import Meeting
from kith.ui.pages import answers
from kith.ui.pages.base import actor_of
from kith.ui.render import page


@require_safe
def reviews_page(request: HttpRequest) -> HttpResponse:
    """Every review, and when the next ones are."""
    actor = actor_of(request)
    if not actor.can("review.see"):
        raise NotAllowed("Your role does not see process reviews; ask an administrator.")
    return page(request, "review/list.html", {"listed": Listed(actor)})


@require_safe
def review_page(request: HttpRequest, pk: int) -> HttpResponse:
    return _shown(request, pk)


def _shown(request: HttpRequest, pk: int, wrong: dict[str, Any] | None = None, status: int = 200) -> HttpResponse:
    actor = actor_of(request)
    review = registry["review"].get(actor, pk)
    context = {
        "meeting": Meeting(actor, review), "review": review, "here": f"/process/reviews/{review.pk}", "do": f"/reviews/{review.pk}/do/",
        "wrong": wrong or {},
    }  # fmt: skip
    return page(request, "review/review.html", context, status)


@require_POST
def decide(request: HttpRequest, pk: int, proposal: int) -> HttpResponse:
    """One press and a reason, where the proposal stands."""
    actor = actor_of(request)
    review = registry["review"].get(actor, pk)
    raw = {"proposal": proposal, "verdict": request.POST.get("verdict", ""), "reason": request.POST.get("reason", "")}
    try:
        outcome = perform(ACTIONS["review.decide"], review, raw, by=actor)
    except NotAllowed:
        raise
    except KithError as problem:
        said = " ".join(words for told in getattr(problem, "errors", {}).values() for words in told) or problem.message
        return _shown(request, pk, {"proposal": proposal, "reason": raw["reason"], "says": said}, 422)
    here = f"/process/reviews/{pk}#proposal-{proposal}"
    return answers.go(request, here, _("Decided"), op=outcome.operation)


@require_POST
def answer(request: HttpRequest, pk: int, feedback: int) -> HttpResponse:
    """What came of something that was said, where it stands."""
    actor = actor_of(request)
    review = registry["review"].get(actor, pk)
    row = registry["feedback"].get(actor, feedback)
    try:
        outcome = perform(ACTIONS["feedback.answer"], row, {"answer": request.POST.get("answer", "")}, by=actor)
    except NotAllowed:
        raise
    except KithError as problem:
        return _shown(request, review.pk, {"feedback": feedback, "says": problem.message}, 422)
    return answers.go(request, f"/process/reviews/{pk}#feedback-{feedback}", _("Answered"), op=outcome.operation)
