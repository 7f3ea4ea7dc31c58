"""Who asks, and what they are told when they may not: the gate every request passes.

Signed-out people reach only views marked `login_not_required` and the faces that check for themselves; everybody else
gets their actor, language and time zone. Refusals raised by the kernel become one page, sentence included.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers
from django.utils.functional import SimpleLazyObject
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from kith.kernel.access.actor import Actor, actor_for
from kith.kernel.accounts.sessions import note_seen
from kith.kernel.errors import KithError
from kith.kernel.zones import zone
from kith.web.errors import refusal, wants_part

NOBODY = Actor(None, "", "nobody")


class ActorMiddleware:
    """Sets `request.actor`, turns signed-out people away, speaks their language, shows refusals."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.actor = SimpleLazyObject(lambda: actor_of(request))  # type: ignore[attr-defined]
        request.began = time.time()  # type: ignore[attr-defined]
        if checks_for_itself(request.path) or not request.user.is_authenticated:
            return self.get_response(request)
        note_seen(request)
        translation.activate(request.user.language)
        request.LANGUAGE_CODE = translation.get_language()
        with timezone.override(zone(request.user.time_zone)):
            return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable, args: tuple, kwargs: dict) -> HttpResponse | None:
        if checks_for_itself(request.path) or not getattr(view, "login_required", True):
            return None
        return None if request.user.is_authenticated else ask_to_sign_in(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, KithError) or request.path.startswith("/api/"):
            return None
        return refusal(request, error)


def checks_for_itself(path: str) -> bool:
    """The faces with a door of their own: the API takes tokens, live updates a signed address, files are everybody's."""
    return path in ("/live", "/c/-/live") or path.startswith(("/api/", settings.STATIC_URL))


def actor_of(request: HttpRequest) -> Actor:
    """The person signed in, or somebody with no right at all."""
    return actor_for(request.user, channel="web") if request.user.is_authenticated else NOBODY


def ask_to_sign_in(request: HttpRequest) -> HttpResponse:
    """A whole page goes to sign-in and comes back; a fragment or a program gets 401 and the address of sign-in."""
    address = f"{settings.LOGIN_URL}?{urlencode({'next': page_asked_for(request)}, safe='/')}"
    if opens_page(request):
        response: HttpResponse = HttpResponseRedirect(address)
    elif "json" in request.headers.get("Accept", ""):
        sentence = _("You are signed out. Sign in and try again.")
        response = JsonResponse({"title": sentence, "status": 401}, status=401, content_type="application/problem+json")
    else:
        response = HttpResponse(status=401)
    if response.status_code == 401:
        response["HX-Redirect"] = address
    patch_vary_headers(response, ["HX-Request", "Accept", "Cookie"])
    response["Cache-Control"] = "no-store"
    return response


def opens_page(request: HttpRequest) -> bool:
    """Whether a person goes there; not so for what a page fetches by itself, be it a picture or live updates.

    Shown the sign-in page unseen, a request left over from a page before would bring a new form proof with it, and the
    sign-in form that the person is just looking at would be refused.
    """
    by_itself = request.headers.get("Sec-Fetch-Mode", "navigate") != "navigate" and "HX-Request" not in request.headers
    return not (by_itself or wants_part(request))


def page_asked_for(request: HttpRequest) -> str:
    """The page to return to: this address, or the page on which a form or fragment stood."""
    if request.method in ("GET", "HEAD") and opens_page(request):
        return request.get_full_path()
    stood = request.headers.get("HX-Current-URL") or request.headers.get("Referer") or ""
    if not url_has_allowed_host_and_scheme(stood, allowed_hosts={request.get_host()}):
        return "/"
    parts = urlsplit(stood)
    return f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
