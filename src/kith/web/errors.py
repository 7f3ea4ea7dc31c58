"""Refusals as pages: the sentence of what went wrong, for a person, a fragment or a program.

Colleagues read them in their own language, strangers as the page where they met them speaks: as the person of a link reads, else
as their browser does. 404.html, 403.html, 400.html and 500.html are found by Django by their names; all but the last look like
this page.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views import defaults

from kith.kernel.errors import Conflict, Invalid, InvalidMany, KithError, NeedsInput, NotAllowed, NotFound
from kith.kernel.languages import speaking_to

STATUS = ((NotFound, 404), (NotAllowed, 403), (Conflict, 409), (NeedsInput, 422), (Invalid, 400), (InvalidMany, 400))


def wants_part(request: HttpRequest) -> bool:
    """Whether a script asks, so that a whole page in answer would end up inside another one."""
    part = request.headers.get("HX-Request") == "true" and request.headers.get("HX-Request-Type") != "full"
    return part or "json" in request.headers.get("Accept", "")


def refusal(request: HttpRequest, error: KithError) -> HttpResponse:
    """One page for every refusal; its sentence alone for scripts, as a problem document or as a notice."""
    status = next(code for kind, code in (*STATUS, (KithError, 400)) if isinstance(error, kind))
    return answer(request, error.message, status)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without its proof of origin. `reason` is for developers and stays in the log."""
    with as_they_read(request):
        sentence = _(
            "This form is too old or came from elsewhere, so nothing was changed. Go back, load the page again and send it once more."
        )
        return answer(request, sentence, 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _said(request, defaults.page_not_found, exception)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _said(request, defaults.permission_denied, exception)


def unreadable(request: HttpRequest, exception: Exception) -> HttpResponse:
    if isinstance(exception, RequestDataTooBig | TooManyFieldsSent | TooManyFilesSent):
        with as_they_read(request):
            return answer(request, _("This is more than one form may send. Nothing was changed."), 413)
    return _said(request, defaults.bad_request, exception)


def _said(request: HttpRequest, page: Any, exception: Exception) -> HttpResponse:
    """Django's own page for it, in the language of who reads it."""
    with as_they_read(request):
        response: HttpResponse = page(request, exception)
    patch_vary_headers(response, ["Accept-Language"])
    return response


def as_they_read(request: HttpRequest) -> AbstractContextManager[Any]:
    """The language of whoever is refused: a page that knows more has said so with the request."""
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated and not hasattr(request, "wishes"):
        return nullcontext()
    return speaking_to(request)


def answer(request: HttpRequest, message: str, status: int) -> HttpResponse:
    if "json" in request.headers.get("Accept", ""):
        body = {"title": message, "status": status}
        return JsonResponse(body, status=status, content_type="application/problem+json")
    template = "web/refusal_notice.html" if wants_part(request) else "web/refusal.html"
    with as_they_read(request):
        return render(request, template, {"message": message, "status": status}, status=status)
