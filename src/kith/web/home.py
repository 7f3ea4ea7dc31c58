"""Where one lands after signing in: the first run while Kith is not set up, the day's work afterwards."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from kith.kernel.organisation.models import current
from kith.today.views import today
from kith.ui.pages.base import actor_of


def home(request: HttpRequest) -> HttpResponse:
    """Administrators of a Kith that is not set up yet are guided; everybody else starts with their day, or with the people
    where activities are none of their business."""
    actor = actor_of(request)
    sees = actor.can("activity.see")  # reads the organisation afresh
    if current().set_up_at is None and actor.can("settings.manage"):
        return HttpResponseRedirect("/welcome/")
    return today(request) if sees else HttpResponseRedirect("/people/")
