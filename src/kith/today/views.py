"""The page of the day, and its part that asks for itself again when anything changes: `/?of=team`, `/today?of=team`."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_safe

from kith.kernel.records.registry import registry
from kith.today.count import late
from kith.today.page import Day, day_of
from kith.today.pressed import button
from kith.today.scope import ME, TEAM, scope_of
from kith.ui.pages.base import actor_of
from kith.ui.render import fragment, is_htmx, page

TOPICS = "activity deal person company review quote"  # what changes a day


@require_safe
def today(request: HttpRequest) -> HttpResponse:
    """The page; its rows alone where the page itself asks."""
    actor = actor_of(request)
    part = is_htmx(request)
    day = day_of(actor, scope_of(actor, TEAM if request.GET.get("of") == TEAM else ME, struck=part))
    context = {
        "day": day,
        "late": late(request)[0] or "",
        "here": address(day),
        "came": urlencode({"next": address(day)}),
        "pressed": button,
        "topics": TOPICS,
        "anybody": not day.empty or _knows_anybody(request),
    }
    if part:
        return fragment(request, "today/today.html", "rows", context)
    return page(request, "today/today.html", context)


@require_safe
def part_or_home(request: HttpRequest) -> HttpResponse:
    """The address of the part; somebody without a script is sent to the page that shows the same."""
    if is_htmx(request):
        return today(request)
    return HttpResponseRedirect(f"/?of={TEAM}" if request.GET.get("of") == TEAM else "/")


def address(day: Day) -> str:
    return f"/?of={TEAM}" if day.scope.of == TEAM else "/"


def _knows_anybody(request: HttpRequest) -> bool:
    """Is there anybody in Kith yet, or is this a first day?"""
    actor = actor_of(request)
    return bool(registry["person"].rows(actor, archived=False).exists())
