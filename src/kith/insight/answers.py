"""What people answered: `/reports/surveys/?kind=nps&survey=3&period=`. Surveys work their figures out; this page shows them."""

from __future__ import annotations

import datetime as dt
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from kith.insight.period import PRESETS, read_period
from kith.insight.places import ANSWERS, tabs
from kith.kernel.errors import Invalid
from kith.kernel.records.registry import registry
from kith.surveys.figures import figures
from kith.surveys.shown import said
from kith.ui.pages.base import actor_of
from kith.ui.render import page

TITLE = gettext_lazy("What people answer")
KINDS = {
    "nps": gettext_lazy("Recommendation"), "csat": gettext_lazy("Satisfaction"), "ces": gettext_lazy("Ease"),
}  # fmt: skip
DAY = dt.timedelta(days=1)


@require_safe
def surveys(request: HttpRequest) -> HttpResponse:
    """One kind of survey, or one survey of it, in a period of asking."""
    actor, sent = actor_of(request), request.GET
    actor.require("response.see")
    kind = sent.get("kind", "") if sent.get("kind", "") in KINDS else "nps"
    problems: list[str] = []
    try:
        period = read_period(sent.dict())
    except Invalid as problem:
        problems, period = [problem.message], read_period({})
    choices = list(registry["survey"].rows(actor, archived=False).filter(kind=kind).order_by("name"))
    chosen = next((row for row in choices if str(row.pk) == sent.get("survey", "")), None)
    out = figures(actor, kind, survey=chosen, since=period.start, until=period.end and period.end + DAY)

    def to(**changes: str) -> str:
        held = {"kind": kind, "survey": str(chosen.pk) if chosen else "", "period": period.key} | changes
        return "?" + urlencode({key: value for key, value in held.items() if value})

    context = {
        "title": str(TITLE), "problems": problems, **said(out), "says": _("Of those who were asked. %(period)s.") % {"period": period.title()},
        "tabs": tabs(ANSWERS),
        "kinds": [{"label": str(label), "href": to(kind=key, survey=""), "current": key == kind} for key, label in KINDS.items()],
        "periods": [(str(label), to(period=key), period.key == key) for key, label in PRESETS.items()],
        "surveys": [(_("Every survey"), to(survey=""), chosen is None), *((row.name, to(survey=str(row.pk)), row == chosen) for row in choices)],
        "low": "/survey-responses/?view=low",
    }  # fmt: skip
    return page(request, "insight/answers.html", context, 422 if problems else 200)
