"""The chat's own page, which works without a script as a contact form; and the script and look that pages elsewhere take."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from kith.capture import asking
from kith.capture.chat import knowing, limits, mailing, saying
from kith.capture.chat.models import State
from kith.capture.chat.public import LIMIT, came_from, for_visitors, language_of
from kith.capture.chat.queries import Shown
from kith.capture.elsewhere import colours
from kith.capture.reading import HONEYPOT
from kith.contacts.consent.queries import purposes
from kith.kernel.errors import Invalid
from kith.kernel.timeline.change import change
from kith.ui.render import page

HERE = Path(__file__).parent


@login_not_required
@require_http_methods(["GET", "HEAD"])
def sheet(request: HttpRequest) -> HttpResponse:
    """The look of every chat."""
    return _taken_elsewhere((HERE / "widget.css").read_text("utf-8"), "text/css; charset=utf-8")


@for_visitors
@require_http_methods(["GET", "HEAD"])
def script(request: HttpRequest, widget: Shown) -> HttpResponse:
    """What a page elsewhere names in one line."""
    return _taken_elsewhere((HERE / "widget.js").read_text("utf-8"), "text/javascript; charset=utf-8")


@for_visitors
@require_http_methods(["GET", "HEAD"])
def style(request: HttpRequest, widget: Shown) -> HttpResponse:
    """The chat's own colour, for its page."""
    return _taken_elsewhere(colours(widget.chat.accent_colour), "text/css; charset=utf-8")


def _taken_elsewhere(text: str, kind: str) -> HttpResponse:
    response = HttpResponse(text, content_type=kind)
    response["Cache-Control"] = "public, max-age=3600"
    response["Access-Control-Allow-Origin"] = "*"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


# A page for strangers, as those of forms are: nothing of a session is looked at.
@csrf_exempt
@for_visitors
@require_http_methods(["GET", "HEAD", "POST"])
def letter(request: HttpRequest, widget: Shown) -> HttpResponse:
    """GET shows the form and the chat beside it, for trying; POST takes a message that is answered by mail."""
    if request.method != "POST":
        return _page(request, widget)
    try:
        length = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        length = LIMIT + 1
    if length > LIMIT:
        return _page(
            request, widget, problem=_("This is too large: at most %s kB can be sent.") % (LIMIT >> 10), status=413
        )
    if limits.too_many_begun(widget, request.META.get("REMOTE_ADDR", "")):
        words = _("Too much came from your network in a short time. Please try again in ten minutes.")
        return _page(request, widget, problem=words, status=429)
    return _take(request, widget)


def _take(request: HttpRequest, widget: Shown) -> HttpResponse:
    given = {key: request.POST.get(key, "").strip() for key in ("name", "email", "text")}
    errors: dict[str, str] = {}
    if not given["text"]:
        errors["text"] = _("Write something first.")
    elif len(given["text"]) > saying.LONGEST:
        errors["text"] = _("This is too long: at most %s characters fit here.") % saying.LONGEST
    try:
        knowing.check_address(given["email"])
    except Invalid as problem:
        errors["email"] = problem.message
    if errors:
        return _page(request, widget, given=given, errors=errors, status=422)
    secret = get_random_string(32)
    row = saying.begin(widget, secret, **came_from(request, widget, request.POST))
    saying.say(row, given["text"], secret)
    suspect = _("a field was filled in that no person sees") if request.POST.get(HONEYPOT) else ""
    _wait_for_mail(row)
    knowing.tell(
        row, name=given["name"], email=given["email"], consents=request.POST.getlist("consent"), suspect=suspect
    )
    mailing.to_mail(row)
    return HttpResponseRedirect(f"/c/{widget.key}?sent=1&lang={row.language}", status=303)


def _wait_for_mail(row: Any) -> None:
    """No bot asks somebody who left a letter."""
    with change(row, by=saying.visitor(row), verb="see") as c:
        if c.row.state == State.BOT:
            c.row.state = State.WAITING


def _page(
    request: HttpRequest, widget: Shown, *, given: Any = None, errors: Any = None, problem: str = "", status: int = 200
) -> HttpResponse:
    chat, language = widget.chat, language_of(request, widget)
    boxes = [
        asking.box_of(key, language, key in request.POST.getlist("consent"))
        for key in chat.consents
        if key in purposes()
    ]
    context = {
        "widget": widget, "what": chat, "brand": mailing.organisation(), "language": language, "accent": f"/c/{widget.key}.css",
        "title": chat.text(chat.title, language, mailing.organisation()), "foot": chat.text(chat.foot, language),
        "greeting": chat.text(chat.greeting, language), "boxes": boxes, "given": given or {"name": "", "email": "", "text": ""},
        "errors": {"text": "", "email": "", **(errors or {})}, "problem": problem, "sent": "sent" in request.GET and request.method != "POST",
    }  # fmt: skip
    return page(request, "chat/letter.html", context, status)
