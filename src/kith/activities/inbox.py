"""The inbox: notes that name you, reminders, what you are told, and mail that was not sent; and the calendar as a feed."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from kith.activities import feed, mail, notices
from kith.activities.queries import inbox_of, mark_read, unsent, unsent_message
from kith.kernel.accounts.models import User
from kith.kernel.errors import Invalid
from kith.ui.pages.base import actor_of
from kith.ui.render import fragment, is_htmx, page


def inbox(request: HttpRequest) -> HttpResponse:
    """What waits for this person."""
    actor = actor_of(request)
    context = {
        "lines": inbox_of(actor), "notices": notices.notices_of(actor), "outbox": unsent(actor), "can_send": mail.can_send(),
        "feed": request.build_absolute_uri(feed.address(request.user)),
    }  # fmt: skip
    if is_htmx(request):  # somebody was told something while the page stood open
        return fragment(request, "activities/inbox.html", "lines", context)
    return page(request, "activities/inbox.html", context)


@require_POST
def read(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Mark one line, or all, as read."""
    mark_read(actor_of(request), pk)
    if pk is None:
        notices.read_notices(actor_of(request))
    return HttpResponseRedirect("/inbox/")


@require_POST
def read_notice(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark one thing that was told as read."""
    notices.read_notices(actor_of(request), pk)
    return HttpResponseRedirect("/inbox/")


def choices(request: HttpRequest) -> HttpResponse:
    """Settings, notifications: how one wants to be told by mail, for each kind."""
    user = User.objects.get(pk=actor_of(request).user_id)
    if request.method == "POST":
        for kind in notices.KINDS:
            if kind in request.POST:
                notices.choose(user, kind, request.POST[kind])
        messages.success(request, _("Saved."))
        return HttpResponseRedirect("/settings/notifications/")
    asked = notices.choices_of(user)
    context = {
        "kinds": [(kind, label, asked[kind]) for kind, (label, _default) in notices.KINDS.items()],
        "ways": [(way, str(label)) for way, label in notices.WAYS.items()], "can_send": mail.can_send(),
    }  # fmt: skip
    return page(request, "activities/notifications.html", context)


@require_POST
def message(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Send an unsent mail now, or discard it."""
    actor = actor_of(request)
    found = unsent_message(actor, pk)
    try:
        if verb == "send":
            mail.try_again(found, by=actor)
            messages.success(request, _("It is on its way."))
        elif verb == "discard":
            mail.discard(found, by=actor)
            messages.success(request, _("Discarded; the story keeps that it was written."))
        else:
            raise Http404("There is no such verb.")
    except Invalid as problem:
        messages.error(request, problem.message)
    return HttpResponseRedirect("/inbox/")


@login_not_required
@require_GET
def calendar_feed(request: HttpRequest, token: str) -> HttpResponse:
    """The feed a calendar program subscribes to: signed, no sign-in; a new secret ends old addresses."""
    try:
        body = feed.document(token)
    except signing.BadSignature:
        raise Http404("There is no such calendar.") from None
    response = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    response["Cache-Control"] = "private, max-age=300"
    return response


@require_POST
def new_feed(request: HttpRequest) -> HttpResponse:
    """End the old address of the calendar feed and make another."""
    feed.renew(request.user)
    messages.success(request, _("The old address no longer works."))
    return HttpResponseRedirect("/inbox/#calendar")


def count(request: HttpRequest) -> tuple[int | None, str | None]:
    """How many lines wait, for the sidebar."""
    return getattr(request.user, "unread", None) or None, None
