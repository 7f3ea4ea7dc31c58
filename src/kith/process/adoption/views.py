"""Settings, Adoption: which fields and steps people use, and which they do not."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from kith.process.adoption.fields import DAYS, tables
from kith.process.adoption.passing import passed_over
from kith.ui.pages.base import actor_of
from kith.ui.render import page


@require_safe
def adoption(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    actor.require("settings.manage")
    return page(request, "process/adoption.html", {"tables": tables(actor), "passed": passed_over(actor), "days": DAYS})
