"""Reports over the API: the same figures as on their pages and from `kith report`."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from kith.api.door import endpoint
from kith.api.figures import FIGURES
from kith.insight.attribution import report as attribution
from kith.insight.lifetime import costs
from kith.insight.lifetime import page as lifetime
from kith.insight.lifetime.asking import read_ask as read_ask_of_lifetime
from kith.insight.lifetime.orders import read_orders
from kith.insight.reports import REPORTS, as_json, make, read_ask
from kith.insight.retaining import report as retention
from kith.kernel.access.actor import Actor


def list_reports(actor: Actor, request: HttpRequest) -> Any:
    return {
        "data": [
            *({"name": name, "title": str(r.title), "url": f"/api/v1/reports/{name}"} for name, r in REPORTS.items()),
            {"name": "attribution", "title": str(attribution.TITLE), "url": "/api/v1/reports/attribution"},
            {"name": "lifetime", "title": str(lifetime.TITLE), "url": "/api/v1/reports/lifetime"},
            {"name": "retention", "title": str(retention.TITLE), "url": "/api/v1/reports/retention"},
            *(
                {"name": name, "title": title, "url": f"/api/v1/reports/{name}"}
                for name, title, _says, needs in FIGURES
                if actor.can(needs)
            ),
        ]
    }


def read_attribution(actor: Actor, request: HttpRequest) -> Any:
    """`?period=&from=&to=&model=&by=&half_life=`"""
    return attribution.as_json(attribution.make(actor, attribution.read_ask(request.GET.dict())))


def read_lifetime(actor: Actor, request: HttpRequest) -> Any:
    """`?until=&weeks=`: worked out now, from the orders within reach."""
    from kith.insight.lifetime.telling import as_json as as_json_of_lifetime  # with what it needs, much to load
    from kith.insight.lifetime.telling import customers_of
    from kith.insight.lifetime.worth import work_out

    actor.require("order.see")
    ask = read_ask_of_lifetime(request.GET.dict())
    out = work_out(read_orders(actor, ask.until), ask.until, ask.weeks)
    return (
        as_json_of_lifetime(out)
        | {"costs": costs.as_json(costs.costs_of(actor, out.until))}
        | {"data": customers_of(out)}
    )


def read_retention(actor: Actor, request: HttpRequest) -> Any:
    """`?until=&months=&by=`"""
    return retention.as_json(retention.make(actor, retention.read_ask(request.GET.dict())))


def read_report(actor: Actor, request: HttpRequest, name: str) -> Any:
    """`?period=&from=&to=&filter=&by=&sort=&limit=&offset=`"""
    return as_json(make(name, actor, read_ask(request.GET.dict())))


report_list = endpoint(get=list_reports)
report_read = endpoint(get=read_report)
attribution_read = endpoint(get=read_attribution)
retention_read = endpoint(get=read_retention)
lifetime_read = endpoint(get=read_lifetime)
