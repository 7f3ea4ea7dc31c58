"""Refusals as pages: the sentence of what went wrong, for a person, a fragment or a program.

404.html, 403.html, 400.html and 500.html are found by Django by their names; all but the last look like this page.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from kith.kernel.errors import Conflict, Invalid, InvalidMany, KithError, NeedsInput, NotAllowed, NotFound

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
    sentence = _(
        "This form is too old or came from elsewhere, so nothing was changed. "
        "Go back, load the page again and send it once more."
    )
    return answer(request, sentence, 403)


def answer(request: HttpRequest, message: str, status: int) -> HttpResponse:
    if "json" in request.headers.get("Accept", ""):
        body = {"title": message, "status": status}
        return JsonResponse(body, status=status, content_type="application/problem+json")
    template = "web/refusal_notice.html" if wants_part(request) else "web/refusal.html"
    return render(request, template, {"message": message, "status": status}, status=status)
