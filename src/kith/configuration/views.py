"""Settings, Configuration: taken away as a zip, brought as a zip, reviewed column by column, applied, taken back."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from kith.configuration import proposing
from kith.configuration.actions import Refused, applied, roll_back
from kith.configuration.exporting import MANAGE, drafts_left, files_of
from kith.configuration.files import to_zip
from kith.configuration.reviewing import ADDED, CHANGED, MISSING, SAME, WAITING, review
from kith.kernel.configuration.chapters import chapters
from kith.kernel.errors import Conflict, Invalid
from kith.ui.pages import answers
from kith.ui.pages.base import actor_of
from kith.ui.render import page

HOME, REVIEW = "/settings/configuration/", "/settings/configuration/review/"


@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    actor_of(request).require(MANAGE)
    return _overview(request)


def _overview(request: HttpRequest, problem: str = "") -> HttpResponse:
    context = {
        "chapters": [chapter.label for chapter in chapters()], "applied": applied(), "problem": problem,
        "drafts": drafts_left(by=actor_of(request)),
    }  # fmt: skip
    return page(request, "configuration/overview.html", context, 422 if problem else 200)


@require_GET
def download(request: HttpRequest) -> HttpResponse:
    response = HttpResponse(to_zip(files_of(by=actor_of(request))), content_type="application/zip")
    response["Content-Disposition"] = 'attachment; filename="kith-configuration.zip"'
    response["Cache-Control"] = "no-store"
    return response


@require_POST
def upload(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    actor.require(MANAGE)
    try:
        proposing.propose(request.FILES.get("file"), by=actor)
    except Invalid as problem:
        return _overview(request, problem.message)
    return HttpResponseRedirect(REVIEW, status=303)


@require_http_methods(["GET", "POST"])
def reviewing(request: HttpRequest) -> HttpResponse:
    """What it would do; posted, it is done as it was reviewed."""
    actor = actor_of(request)
    found = proposing.proposal_of(actor)
    faults, moved = found.faults, ""
    if request.method == "POST":
        wants = {name: name in request.POST for name in ("publish", "remove")}
        try:
            done = proposing.accept(by=actor, reviewed=request.POST.get("reviewed", ""), **wants)
        except Conflict as problem:
            moved, faults = problem.message, []
        except Refused as problem:
            faults = problem.sentences
        else:
            said = _("The configuration was applied.") if done.operation else _("All of it was here already.")
            return answers.go(request, HOME, said, op=done.operation)
    context = {**_shown(found, actor), "faults": faults, "moved": moved}
    return page(request, "configuration/review.html", context, 422 if request.method == "POST" else 200)


def _shown(found: Any, actor: Any) -> dict[str, Any]:
    seen = review(found.files, by=actor)
    titles = {
        ADDED: _("New"), CHANGED: _("Changed"), WAITING: _("A draft here, to be published"),
        MISSING: _("Here and not in the files"),
    }  # fmt: skip
    groups = [(state, title, seen.of(state)) for state, title in titles.items() if seen.of(state)]
    return {
        "found": found, "seen": seen, "groups": groups, "same": len(seen.of(SAME)),
        "drafts": any(e.chapter.publishes for e in seen.of(ADDED, CHANGED, WAITING)), "missing": bool(seen.of(MISSING)),
    }  # fmt: skip


@require_POST
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    try:
        _op, undone = roll_back(pk, by=actor_of(request))
    except Invalid as problem:
        return answers.go(request, HOME, problem.message)
    return answers.go(request, HOME, " ".join([_("Taken back."), *undone.conflicts]))
