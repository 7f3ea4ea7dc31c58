"""Whether mail is tracked at all, as a setting of the organisation."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kith.contacts.consent.models import Purpose
from kith.engagement.models import Mailing, Sequence
from kith.engagement.tracking.allowing import PURPOSE, allow, allowed, forbid
from kith.kernel.records.registry import registry
from kith.ui.pages.base import actor_of
from kith.ui.render import page

HERE = "/settings/mail-tracking/"


@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: HttpRequest) -> HttpResponse:
    """Allow it, or stop it at once."""
    actor = actor_of(request)
    actor.require("settings.manage")
    if request.method == "POST":
        if "allow" in request.POST:
            allow(by=actor)
            messages.success(request, _("Allowed. Nobody is tracked before they agree."))
        else:
            forbid(by=actor)
            messages.success(request, _("Stopped. Nothing is counted any more; links in mails go on working."))
        return HttpResponseRedirect(HERE)
    told = {
        "allowed": allowed(), "purpose": Purpose.objects.filter(key=PURPOSE).first(),
        "mailings": registry["mailing"].rows(actor, archived=False).filter(pk__in=Mailing.objects.filter(track=True)).count(),
        "sequences": registry["sequence"].rows(actor, archived=False).filter(pk__in=Sequence.objects.filter(track=True)).count(),
    }  # fmt: skip
    return page(request, "engagement/tracking.html", told)
