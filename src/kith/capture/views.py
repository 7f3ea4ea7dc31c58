"""Pages of those who read what came in: the queue, and how long people waited for a first word."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from kith.capture import measures, queries
from kith.capture.alarm import tell_of_waiting
from kith.capture.models import MOST_MINUTES, Settings
from kith.kernel.errors import Invalid
from kith.kernel.organisation.models import bump
from kith.ui.pages import answers
from kith.ui.pages.base import actor_of
from kith.ui.render import fragment, is_htmx, page

SHOWN = 50


@require_GET
def incoming(request: HttpRequest) -> HttpResponse:
    """What waits for a person's eye, the oldest first; each settled at one key."""
    actor = actor_of(request)
    actor.require("submission.see")
    found = list(queries.waiting(actor).defer("raw", "tsv", "search")[: SHOWN + 1])
    rows = found[:SHOWN]
    context: dict[str, Any] = {
        "rows": rows, "more": len(found) > SHOWN, "may": actor.can("submission.edit") and actor.can("person.create"),
        "minutes": queries.settings().alarm_minutes, "manages": actor.can("settings.manage"), "here": "/incoming/",
    }  # fmt: skip
    if is_htmx(request):
        return fragment(request, "capture/incoming.html", "rows", context)
    return page(request, "capture/incoming.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def limits(request: HttpRequest) -> HttpResponse:
    """After how long somebody is told that something waits."""
    actor = actor_of(request)
    actor.require("settings.manage")
    problem, given = "", str(queries.settings().alarm_minutes)
    if request.method == "POST":
        given = request.POST.get("alarm_minutes", "").strip()
        try:
            set_alarm(given)
        except Invalid as refused:
            problem = refused.message
        else:
            return answers.go(request, "/incoming/", _("Kept."))
    return answers.ask(request, "capture/limits.html", {"given": given, "problem": problem}, 422 if problem else 200)


def set_alarm(minutes: str) -> None:
    """Raises Invalid for what is no number of minutes."""
    if not (minutes.isascii() and minutes.isdecimal() and 1 <= int(minutes[:9]) <= MOST_MINUTES):
        raise Invalid(_("Write a whole number of minutes, from 1 to %s.") % MOST_MINUTES, "alarm_minutes")
    Settings.objects.update_or_create(pk=1, defaults={"alarm_minutes": int(minutes)})
    bump()
    tell_of_waiting()


@require_GET
def speed(request: HttpRequest) -> HttpResponse:
    """Who waits longer than was promised, right now; median and nine in ten by source and month."""
    actor = actor_of(request)
    actor.require("lead_clock.see")
    manages = actor.can("answer_target.create")
    return page(request, "capture/speed.html", {**measures.speed(actor), "manages": manages})
