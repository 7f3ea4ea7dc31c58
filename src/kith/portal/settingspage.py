"""Settings, Customer portal: whether customers can come in, and what they see."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kith.kernel.accounts.links import site_address
from kith.kernel.accounts.mail import is_configured
from kith.portal.setup import change_door, door
from kith.ui.pages.answers import go
from kith.ui.pages.base import actor_of
from kith.ui.render import page


@require_http_methods(["GET", "HEAD", "POST"])
def settings_page(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    actor.require("settings.manage")
    if request.method == "POST":
        change_door(request.POST.dict(), by=actor)
        return go(request, request.path, _("Kept"))
    context = {"door": door(), "address": f"{site_address()}/portal/", "mails": is_configured()}
    return page(request, "portal/settings.html", context)
