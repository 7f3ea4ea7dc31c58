"""A colleague's other calendar: the address it is read from."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kith.engagement.meetings import feeds
from kith.engagement.meetings.models import Busy, Feed
from kith.kernel.errors import Invalid
from kith.ui.pages.base import actor_of
from kith.ui.render import page

HERE = "/settings/other-calendar/"


@require_http_methods(["GET", "HEAD", "POST"])
def other_calendar(request: HttpRequest) -> HttpResponse:
    """Shows how it fares; takes an address, or forgets the one there is."""
    actor = actor_of(request)
    problem, given = "", ""
    if request.method == "POST":
        given = request.POST.get("address", "").strip()
        try:
            if "forget" in request.POST:
                feeds.forget(actor.user_id or 0)
                messages.success(request, _("Forgotten. Your other appointments keep nobody from booking any more."))
            elif "again" in request.POST:
                feeds.read_now(actor.user_id or 0)
            else:
                feeds.keep(actor.user_id or 0, given)
                messages.success(request, _("Kept. Your other calendar is read every quarter of an hour."))
            return HttpResponseRedirect(HERE)
        except Invalid as refused:
            problem = refused.message
    feed = Feed.objects.filter(user=actor.user_id or 0).first()
    count = Busy.objects.filter(user=actor.user_id or 0).count() if feed else 0
    context = {"feed": feed, "count": count, "problem": problem, "given": given}
    return page(request, "meetings/other_calendar.html", context, 422 if problem else 200)
