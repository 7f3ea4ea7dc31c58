"""The settings of the prediction: what counts as success, what was learned, how far it can be trusted."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from kith.kernel.jobs import enqueue
from kith.qualification.models import Model
from kith.qualification.predicting.telling import curve
from kith.qualification.predicting.training import chosen
from kith.ui.pages import answers
from kith.ui.pages.base import actor_of
from kith.ui.render import page


def prediction(request: HttpRequest) -> HttpResponse:
    """`/settings/prediction/`: post learns anew in the background."""
    actor = actor_of(request)
    actor.require("settings.manage")
    if request.method == "POST":
        enqueue("qualification.train", key="qualification.train")
        return answers.go(
            request, "/settings/prediction/", _("Learning in the background; the result stands here in a moment.")
        )
    found = chosen()
    versions = list(Model.objects.filter(prediction=found).order_by("-number")[:10]) if found else []
    latest = versions[0] if versions else None
    context = {"prediction": found, "versions": versions, "latest": latest, "curve": curve(latest) if latest else None}
    return page(request, "qualification/prediction.html", context)
