"""The reports there are, as tabs over each of them."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from kith.insight.reports import REPORTS

ATTRIBUTION, LIFETIME, RETENTION = "/reports/attribution/", "/reports/lifetime/", "/reports/retention/"
ANSWERS = "/reports/surveys/"
PROMISES = "/promises/kept/"  # a page of the room that keeps the ledger
BESIDE: tuple[tuple[Any, str], ...] = (
    (_("Attribution"), ATTRIBUTION),
    (_("Retention"), RETENTION),
    (_("Lifetime value"), LIFETIME),
    (_("Answers"), ANSWERS),
    (_("Promises"), PROMISES),
)


def beside(current: str = "") -> list[dict[str, Any]]:
    """Tabs of the reports that have a page of their own."""
    return [{"label": str(label), "href": href, "current": href == current} for label, href in BESIDE]


def tabs(current: str) -> list[dict[str, Any]]:
    """Tabs of every report."""
    return [*({"label": str(r.title), "href": f"/reports/{name}/"} for name, r in REPORTS.items()), *beside(current)]
