"""The one post of this package: how the page looks to whoever reads it."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from kith.kernel.errors import Invalid
from kith.ui.actions import CHOICES, chosen, set_look

YEAR = 365 * 24 * 3600


@login_not_required
@require_POST
def look(request: HttpRequest) -> HttpResponse:
    """Save theme, density and single keys: for the person when signed in, and as cookies for this browser."""
    given = {name: request.POST[name] for name in CHOICES if name in request.POST}
    try:
        chosen(given)
    except Invalid as error:
        return HttpResponse(error.message, status=422, content_type="text/plain; charset=utf-8")
    if request.user.is_authenticated:
        set_look(request.user, given=given)
    response = HttpResponse(status=204) if request.headers.get("HX-Request") else HttpResponseRedirect(_back(request))
    for name, value in given.items():
        response.set_cookie(name, value, max_age=YEAR, samesite="Lax", secure=request.is_secure())
    return response


def _back(request: HttpRequest) -> str:
    """The page it was sent from, if that is one of ours."""
    back = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return back if back and ours else "/"
