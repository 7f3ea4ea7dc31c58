"""Settings, the organisation: name, currency, country, time zone, language."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils.translation import gettext as _

from kith.kernel.errors import InvalidMany
from kith.kernel.kinds import Country, Currency, TimeZone
from kith.kernel.organisation.actions import describe
from kith.kernel.organisation.models import current
from kith.ui.pages.base import actor_of
from kith.ui.render import page

KEYS = ("name", "currency", "country", "time_zone", "language")


def organisation(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    actor.require("settings.manage")
    given = {k: getattr(current(), k) for k in KEYS}
    errors: dict[str, list[str]] = {}
    if request.method == "POST":
        given = {k: request.POST.get(k, "") for k in KEYS}
        try:
            describe(**given, by=actor)
        except InvalidMany as problem:
            errors = problem.errors
        else:
            messages.success(request, _("Saved."))
            return HttpResponseRedirect("/settings/organisation/")
    return page(
        request,
        "pages/organisation.html",
        {"given": given, "errors": errors, **choices()},
        status=422 if errors else 200,
    )


def choices() -> dict[str, list[tuple[str, str]]]:
    """Currencies, countries, time zones and languages for select fields."""
    return {
        "currencies": list(Currency().options.items()),
        "countries": list(Country().options.items()),
        "zones": list(TimeZone().options.items()),
        "languages": settings.SPOKEN,
    }


urlpatterns = [path("settings/organisation/", organisation, name="organisation")]
