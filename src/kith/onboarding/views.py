"""How onboardings fare: first results that are late, days until the first result, and how much each colleague carries."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from kith.onboarding.models import RUNNING
from kith.onboarding.queries import carried, plans, times
from kith.ui.pages.base import actor_of
from kith.ui.render import page

MOST = 50


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    actor.require("onboarding_plan.see")
    today = timezone.localdate()
    late = plans(actor).filter(RUNNING, first_value_on=None, first_value_due__lt=today).select_related("owner")
    context = {
        "late": list(late.order_by("first_value_due", "pk")[:MOST]), "late_count": late.count(), "today": today,
        "segments": times(actor, "segment"), "templates": times(actor, "template"), "carried": carried(actor),
    }  # fmt: skip
    return page(request, "onboarding/overview.html", context)
