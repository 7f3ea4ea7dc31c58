"""The page of attribution: `/reports/attribution/?period=&model=&by=&half_life=`. The address carries all of it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from kith.insight.attribution.credits import MODELS
from kith.insight.attribution.report import BY, TITLE, Ask, Attribution, make, read_ask
from kith.insight.period import PRESETS
from kith.insight.places import ATTRIBUTION, tabs
from kith.kernel.errors import Invalid
from kith.ui.pages.base import actor_of
from kith.ui.render import page

DEFAULT = "this_year"


@require_safe
def attribution(request: HttpRequest) -> HttpResponse:
    """Credits by channel, campaign or source, with the model one press away."""
    problems: list[str] = []
    try:
        ask = read_ask(request.GET.dict(), DEFAULT)
    except Invalid as problem:
        problems, ask = [problem.message], read_ask({}, DEFAULT)
    out = make(actor_of(request), ask)
    return page(request, "insight/attribution.html", {**_context(out), "problems": problems})


def _context(out: Attribution) -> dict[str, Any]:
    ask = out.ask
    rows = [*out.rows, *([out.unknown] if out.unknown.deals else [])]
    most = max((abs(c.cents) for c in rows), default=0) or 1
    return {
        "out": out, "title": str(TITLE),
        "tabs": tabs(ATTRIBUTION),
        "periods": [(str(label), _to(ask, period=key), ask.period.key == key) for key, label in PRESETS.items()],
        "models": [(key, str(label), _to(ask, model=key), key == ask.model) for key, label in MODELS.items()],
        "bys": [{"label": str(label), "href": _to(ask, by=key), "current": key == ask.by} for key, label in BY.items()],
        "by_label": str(BY[ask.by]), "hidden": {k: v for k, v in ask.params().items() if k != "half_life"},
        "rows": [
            {"label": c.label, "href": c.href, "amount": out.money(c.cents), "deals": len(c.deals),
             "share": c.cents / out.booked if out.booked else None, "width": max(0, round(100 * c.cents / most)),
             "unknown": c is out.unknown}
            for c in rows
        ],
        "booked": out.money(out.booked), "says": _("What brought the money that was won. %(period)s.") % {"period": ask.period.title()},
    }  # fmt: skip


def _to(ask: Ask, **changes: str) -> str:
    said = ask.params(**changes)
    if "period" in changes:
        said = {k: v for k, v in said.items() if k not in ("from", "to")}
    return "?" + urlencode(said)
