"""Reports over the API: the same figures as on their pages and from `kith report`."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from kith.api.door import endpoint
from kith.insight.reports import REPORTS, as_json, make, read_ask
from kith.kernel.access.actor import Actor


def list_reports(actor: Actor, request: HttpRequest) -> Any:
    return {
        "data": [{"name": name, "title": str(r.title), "url": f"/api/v1/reports/{name}"} for name, r in REPORTS.items()]
    }


def read_report(actor: Actor, request: HttpRequest, name: str) -> Any:
    """`?period=&from=&to=&filter=&by=&sort=&limit=&offset=`"""
    return as_json(make(name, actor, read_ask(request.GET.dict())))


report_list = endpoint(get=list_reports)
report_read = endpoint(get=read_report)
