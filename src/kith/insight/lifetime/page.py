"""The page of lifetime value: `/reports/lifetime/?by=`, and its figures by group. Figures are last night's."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.db.models import CharField, F, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, ExtractYear
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from kith.insight.lifetime.currencies import said_of_currencies
from kith.insight.lifetime.queries import SUMS, Line, line_of, seen
from kith.insight.models import Lifetime, LifetimeFit
from kith.insight.places import LIFETIME, tabs
from kith.kernel.access.actor import Actor
from kith.kernel.jobs import enqueue
from kith.kernel.money.amounts import show_money
from kith.kernel.money.queries import home
from kith.kernel.records.registry import registry
from kith.kernel.segments.queries import members
from kith.ui.pages import answers
from kith.ui.pages.base import actor_of
from kith.ui.render import page

TITLE = gettext_lazy("Lifetime value")
BY = {
    "year": gettext_lazy("First year"), "source": gettext_lazy("Found us through"),
    "industry": gettext_lazy("Industry"), "country": gettext_lazy("Country"), "segment": gettext_lazy("Segment"),
}  # fmt: skip
MOST = 40


def lines(actor: Actor, by: str) -> list[Line]:
    """Figures by group, the largest expectation first. Segments overlap: a customer stands in each of theirs."""
    rows = seen(actor)
    if by == "segment":
        return _ranked(_of_segments(actor, rows))
    grouped = rows.annotate(group=_key(by)).values("group").annotate(**SUMS).order_by()
    return _ranked(line_of(str(one.pop("group") or _("not known")), one) for one in grouped)


def _key(by: str) -> Any:
    if by == "year":
        return ExtractYear("first_on")
    if by == "source":
        first = registry["person"].model._default_manager.filter(company=OuterRef("company")).exclude(source="")
        theirs = Subquery(first.order_by("created_at", "pk").values("source")[:1])
        return Coalesce(F("person__source"), theirs, Value(""), output_field=CharField())
    if by == "country":
        return Coalesce(F("company__country"), F("person__country"), Value(""))
    return Coalesce(F("company__industry"), Value(""), output_field=CharField())


def _of_segments(actor: Actor, rows: QuerySet[Lifetime]) -> Iterable[Line]:
    for segment in registry["segment"].rows(actor, archived=False).filter(subject__in=("company", "person")):
        inside = {f"{segment.subject}__in": members(actor, segment).order_by().values("pk")}
        sums = rows.filter(**inside).aggregate(**SUMS)
        if sums["customers"]:
            yield line_of(segment.name, sums)


def _ranked(found: Iterable[Line]) -> list[Line]:
    return sorted(found, key=lambda line: (-(line.expected or 0), -line.spent, line.label))[:MOST]


@require_http_methods(["GET", "HEAD", "POST"])
def lifetime(request: HttpRequest) -> HttpResponse:
    """Shows; a post works it out again in the background."""
    actor = actor_of(request)
    actor.require("order.see")
    if request.method == "POST":
        actor.require("settings.manage")
        enqueue("insight.lifetime", key="insight.lifetime")
        return answers.go(request, LIFETIME, _("Worked out in the background; the figures stand here in a moment."))
    by = request.GET.get("by", "year")
    by = by if by in BY else "year"
    fit = LifetimeFit.objects.first()
    whole = line_of("", seen(actor).aggregate(**SUMS))
    return page(request, "insight/lifetime.html", {**_context(actor, fit, whole), **_table(actor, by)})


def _context(actor: Actor, fit: LifetimeFit | None, whole: Line) -> dict[str, Any]:
    report = fit.report if fit else None
    return {
        "title": str(TITLE), "fit": fit, "report": report, "whole": _shown(whole), "formula": report["formula"] if report else "",
        "tabs": tabs(LIFETIME), "models": _models(report) if report else [], "costs": _costs(report) if report and actor.level("order", "see") == "all" else [],
        "currencies": said_of_currencies(report) if report and actor.level("order", "see") == "all" else "",
        "may_run": actor.can("settings.manage"),
    }  # fmt: skip


def _models(report: dict[str, Any]) -> list[dict[str, Any]]:
    said = []
    for key, label in (
        ("bg_nbd", _("How often customers come back (BG/NBD)")),
        ("gamma_gamma", _("How much they spend (Gamma-Gamma)")),
    ):
        fit = report.get(key)
        if fit:
            errors = fit["standard_errors"] or {}
            names = [name for name in ("r", "alpha", "a", "b", "p", "q", "gamma") if name in fit]
            values = [
                {"name": n, "value": f"{fit[n]:.4g}", "error": f"{errors[n]:.2g}" if n in errors else ""} for n in names
            ]
            said.append(
                {
                    "label": label,
                    "parameters": values,
                    "likelihood": f"{fit['log_likelihood']:,.1f}",
                    "customers": fit["customers"],
                    "why": fit["why_not"],
                }
            )
    return said


def _costs(report: dict[str, Any]) -> list[dict[str, Any]]:
    said = report.get("costs") or {}
    labels = (("new", _("New customers")), ("existing", _("Existing customers")))
    return [
        {
            "label": label, "revenue": show_money(Decimal(said[key]["revenue"]), home()), "cost": show_money(Decimal(said[key]["cost"]), home()),
            "each": "–" if said[key]["cost_of_one"] is None else f"{said[key]['cost_of_one']:.2f}",
        }
        for key, label in labels if key in said
    ]  # fmt: skip


def _shown(line: Line) -> dict[str, Any]:
    def money(value: Decimal | None) -> str:
        return "–" if value is None else show_money(value, home())

    sure = line.low is not None and line.high is not None
    return {
        "label": line.label, "customers": line.customers, "spent": money(line.spent), "yearly": money(line.yearly), "expected": money(line.expected),
        "range": _("%(low)s to %(high)s") % {"low": money(line.low), "high": money(line.high)} if sure else "–",
    }  # fmt: skip


def _table(actor: Actor, by: str) -> dict[str, Any]:
    return {
        "by_label": str(BY[by]), "overlaps": by == "segment", "rows": [_shown(line) for line in lines(actor, by)],
        "bys": [{"label": str(label), "href": "?" + urlencode({"by": key}), "current": key == by} for key, label in BY.items()],
    }  # fmt: skip
