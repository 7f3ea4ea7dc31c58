"""One's own meeting, behind the link in its mail: see it, move it, cancel it, put it into a calendar."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from kith.contacts.strangers import for_strangers
from kith.engagement.meetings import booking, choosing, reading
from kith.engagement.meetings.invitation import PUBLISH, calendar
from kith.engagement.meetings.letters import said_of, say_in
from kith.engagement.meetings.links import known_link, open_own, own_path, page_link
from kith.engagement.meetings.models import Booking, State
from kith.kernel.access.actor import Actor, system
from kith.kernel.errors import Invalid, NotFound
from kith.kernel.languages import speaking_to
from kith.kernel.organisation.models import current
from kith.kernel.text import clean_text
from kith.kernel.zones import zone
from kith.ui.render import page as answer


def behind_a_link(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """The booking that a link is of, in its own language; a kind page for a link that does not work."""

    @for_strangers
    @wraps(view)
    def opened(request: HttpRequest, token: str) -> HttpResponse:
        try:
            row = open_own(token)
        except NotFound as problem:
            return answer(
                request, "meetings/closed.html", {"words": problem.message, "brand": current().name or "Kith"}, 404
            )
        with speaking_to(request, row.language):
            return view(request, row)

    return opened


def _guest(row: Booking) -> Actor:
    """Who moves or cancels by the link: the one who booked."""
    return system("web", name=row.name[:200])


def _shown(request: HttpRequest, row: Booking, **more: Any) -> dict[str, Any]:
    words = choosing.words_of(row.page, row.language)
    again = known_link(row.page, row.person) if row.person is not None else page_link(row.page)
    return {
        "row": row, "words": words, "when": say_in(row.starts_at, row.minutes, zone(row.time_zone)), "where": booking.where_of(row),
        "path": own_path(row.pk), "again": again, "brand": current().name or "Kith",
        "to_come": row.state == State.BOOKED and row.starts_at > timezone.now(), "new": "new" in request.GET,
        "moved": "moved" in request.GET, "problem": "", "language": row.language or "en", **more,
    }  # fmt: skip


@behind_a_link
@require_GET
def own(request: HttpRequest, row: Booking) -> HttpResponse:
    return answer(request, "meetings/own.html", _shown(request, row))


@behind_a_link
@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: HttpRequest, row: Booking) -> HttpResponse:
    """GET asks, POST cancels; a second time it says that it is so already."""
    if request.method == "POST" and row.state == State.BOOKED:
        try:
            booking.cancel(row, clean_text(request.POST.get("why", ""))[:300], by=_guest(row))
        except Invalid as problem:
            return answer(request, "meetings/own.html", _shown(request, row, problem=problem.message), 409)
        return HttpResponseRedirect(own_path(row.pk), status=303)
    if row.state != State.BOOKED:
        return HttpResponseRedirect(own_path(row.pk), status=303)
    return answer(request, "meetings/cancel.html", _shown(request, row))


@behind_a_link
@require_http_methods(["GET", "HEAD", "POST"])
def move(request: HttpRequest, row: Booking) -> HttpResponse:
    """GET shows what is free, with a time chosen it asks whether that is right; POST moves it."""
    if row.state != State.BOOKED or row.starts_at <= timezone.now():
        return HttpResponseRedirect(own_path(row.pk), status=303)
    if request.method == "POST":
        return _moved(request, row)
    start = choosing.moment_asked(request.GET.get("at", ""))
    if start is None:
        return _choose(request, row)
    there, _problem = choosing.zone_asked(clean_text(request.GET.get("zone", ""))[:64], row.time_zone)
    context = _shown(request, row, to=say_in(start, row.minutes, there), at=start.isoformat(), zone=there.key)
    return answer(request, "meetings/move.html", context)


def _choose(request: HttpRequest, row: Booking, problem: str = "", status: int = 200) -> HttpResponse:
    path = f"{own_path(row.pk)}/move"
    choice = choosing.choice(
        request, row.page, path=path, otherwise=row.time_zone, minutes=row.minutes, leaving_out=row.pk, host=row.host_id
    )
    context = _shown(request, row, choice=choice, problem=problem, carried=[], moving=True)
    return answer(request, "meetings/choose.html", context, status)


def _moved(request: HttpRequest, row: Booking) -> HttpResponse:
    start = choosing.moment_asked(request.POST.get("at", ""))
    if start is None or reading.too_many(request):
        words = (
            _("Choose a time.")
            if start is None
            else _("That was often in a short time. Please try again in ten minutes.")
        )
        return _choose(request, row, words, 422 if start is None else 429)
    try:
        booking.move(row, start, by=_guest(row))
    except Invalid as problem:
        return _choose(request, row, problem.message, 409)
    return HttpResponseRedirect(f"{own_path(row.pk)}?moved=1", status=303)


@behind_a_link
@require_GET
def entry(request: HttpRequest, row: Booking) -> HttpResponse:
    """The meeting as a file for a calendar."""
    if row.state != State.BOOKED:
        return HttpResponseRedirect(own_path(row.pk), status=303)
    number = row.told.number if hasattr(row, "told") else 0
    response = HttpResponse(calendar(row, said_of(row), number, PUBLISH), content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="meeting.ics"'
    return response
