"""Pages of conversion that no record type makes: how promises are kept, what invoicing sees otherwise, the export."""

from __future__ import annotations

import datetime as dt
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from kith.conversion import export as exporting
from kith.conversion.keeping import BY, keeping, together
from kith.ui.pages.base import actor_of
from kith.ui.render import page

PERIODS = {"90": 90, "365": 365, "all": None}


@require_GET
def kept(request: HttpRequest) -> HttpResponse:
    """Broken, kept and late promises by person, product or team."""
    actor = actor_of(request)
    actor.require("promise.see")
    by = request.GET.get("by", "")
    by = by if by in BY else "owner"
    period = request.GET.get("period", "")
    period = period if period in PERIODS else "365"
    days = PERIODS[period]
    since = timezone.localdate() - dt.timedelta(days=days) if days else None
    rows = keeping(actor, by, since)
    words = {"owner": _("Person"), "product": _("Product"), "team": _("Team")}
    spans = {"90": _("90 days"), "365": _("A year"), "all": _("All time")}
    made = f",made_on.since:{since.isoformat()}" if since else ""
    context = {
        "rows": rows, "all": together(rows), "by": by, "what": words[by], "made": made,
        "bys": [{"label": label, "href": _to(by=key, period=period), "current": key == by} for key, label in words.items()],
        "periods": [(label, _to(by=by, period=key), key == period) for key, label in spans.items()],
    }  # fmt: skip
    return page(request, "conversion/kept.html", context)


def _to(**asked: str) -> str:
    return f"?{urlencode(asked)}"


@require_GET
def mismatches(request: HttpRequest) -> HttpResponse:
    """Orders that invoicing sees otherwise."""
    actor = actor_of(request)
    actor.require("order.see")
    return page(
        request, "conversion/mismatches.html", {"rows": exporting.mismatches(actor), "able": actor.can("order.export")}
    )


@require_GET
def export(request: HttpRequest) -> HttpResponseBase:
    """Orders changed since `after`, as CSV; the header X-Next-Cursor says where to go on."""
    orders = exporting.changed_since(actor_of(request), exporting.read_cursor(request.GET.get("after", "")))
    response = HttpResponse("".join(exporting.as_csv(orders)), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="orders.csv"'
    response["X-Next-Cursor"] = exporting.write_cursor(orders[-1]) if orders else request.GET.get("after", "")[:80]
    response["Cache-Control"] = "no-store"
    return response
