"""The page of what holds for asking customers for something: `/settings/asks/`."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kith.advocacy import limits
from kith.advocacy.models import Asked, AskLimit
from kith.ui.pages import answers
from kith.ui.pages.base import actor_of
from kith.ui.render import page

HERE = "/settings/asks/"


@require_http_methods(["GET", "HEAD", "POST"])
def asks(request: HttpRequest) -> HttpResponse:
    """What holds now; a post puts the limits that come with Kith down as rows of one's own."""
    actor = actor_of(request)
    actor.require("settings.manage")
    if request.method == "POST":
        limits.bring(actor)
        return answers.go(request, HERE, _("They are yours now; change what does not fit."))
    context = {
        "holds": [(str(what.label), limits.limit_of(what)) for what in Asked],
        "rows": AskLimit.objects.filter(archived_at=None).order_by("name", "pk"), "own": AskLimit.objects.exists(),
    }  # fmt: skip
    return page(request, "advocacy/asks.html", context)
