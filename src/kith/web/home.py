"""Where one lands after signing in: the first run while Kith is not set up, the day's work afterwards."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from kith.activities.queries import has_open
from kith.kernel.organisation.models import current


def home(request: HttpRequest) -> HttpResponse:
    """Administrators of a Kith that is not set up yet are guided; everybody else starts with what they have to do, or
    with the people when nothing is to be done."""
    request.actor.can("person.see")  # type: ignore[attr-defined]  # reads the organisation afresh
    if current().set_up_at is None and request.actor.can("settings.manage"):  # type: ignore[attr-defined]
        return HttpResponseRedirect("/welcome/")
    return HttpResponseRedirect("/activities/?view=mine" if has_open(request.actor) else "/people/")  # type: ignore[attr-defined]
