"""Where one lands after signing in: the first run while Kith is not set up, the day's work afterwards."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from kith.activities.queries import has_open
from kith.kernel.organisation.models import current
from kith.ui.pages.base import actor_of


def home(request: HttpRequest) -> HttpResponse:
    """Administrators of a Kith that is not set up yet are guided; everybody else starts with what they have to do, or
    with the people when nothing is to be done."""
    actor_of(request).can("person.see")  # reads the organisation afresh
    if current().set_up_at is None and actor_of(request).can("settings.manage"):
        return HttpResponseRedirect("/welcome/")
    return HttpResponseRedirect("/activities/?view=mine" if has_open(actor_of(request)) else "/people/")
