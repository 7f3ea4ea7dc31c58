"""The one post of this package: how the page looks to whoever reads it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from kith.kernel.errors import Invalid
from kith.ui.actions import CHOICES, set_look

YEAR = 365 * 24 * 3600


@require_POST
def look(request: HttpRequest) -> HttpResponse:
    """Save theme, density and single keys: for the person when signed in, and as cookies for this browser."""
    choices = {name: request.POST[name] for name in CHOICES if name in request.POST}
    try:
        if request.user.is_authenticated:
            set_look(request.user, choices=choices)
        elif any(value not in CHOICES[name] for name, value in choices.items()):
            raise Invalid("There is no such look.")
    except Invalid as error:
        return HttpResponse(error.message, status=422, content_type="text/plain; charset=utf-8")
    back = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    wants_part = request.headers.get("HX-Request") == "true"
    response = HttpResponse(status=204) if wants_part else HttpResponseRedirect(back if back and safe else "/")
    for name, value in choices.items():
        response.set_cookie(name, value, max_age=YEAR, samesite="Lax", secure=request.is_secure())
    return response
