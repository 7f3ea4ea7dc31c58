"""Figures of rooms over the API, beside the reports: the same as on their pages and from the terminal."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse

from kith.api.door import endpoint
from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid

KINDS = ("nps", "csat", "ces")
# Name, title, what it is, and the right it takes: as `reports.list_reports` and the description tell them.
FIGURES = (
    ("adoption", "Adoption", "Which fields are filled on what was made in the last 90 days, and which steps and needs were passed over, by team", "settings.manage"),
    ("handovers", "Taking customers over", "Working time until customers were taken over, and how often something was missing, by giver and team", "journey.see"),
    ("onboarding", "Onboarding", "Days until the first result by segment and template, and how much each colleague carries", "onboarding_plan.see"),
    ("surveys", "Surveys", "Who was asked and answered, the score with its interval, who answers less than others, how low answers are followed up", "response.see"),
    ("tickets", "Who answers tickets", "What agents hold, were dealt, took and were handed in thirty days, and causes that came again in ninety", "agent.see"),
    ("promises", "How we keep promises", "Promises open, late, kept, broken and waived, by owner, product or team, and the share that was broken with its range", "promise.see"),
    ("coverage", "Coverage", "Tier by tier, customers nobody has spoken with in time or who have no dated next step", "company.see"),
    ("plays", "Plays", "Whether plays help: the share that left with one less the share without, with its range", "settings.manage"),
    ("order-mismatches", "What invoicing sees differently", "Orders refused, of another total or never invoiced, and won deals without an order", "order.see"),
    ("order-export", "Orders for invoicing", "Orders changed since the cursor `after`, a line each, as JSON or CSV; `next` and X-Next-Cursor say where to go on", "order.export"),
    ("speed", "Speed to lead", "Who waits for a first answer longer than promised now; median and nine in ten by source and month, of a period", "lead_clock.see"),
)  # fmt: skip


def read_adoption(actor: Actor, request: HttpRequest) -> Any:
    from kith.process.adoption.telling import as_json

    return as_json(actor)


def read_handovers(actor: Actor, request: HttpRequest) -> Any:
    from kith.process.handovers.terminal import times_json

    actor.require("journey.see")
    return times_json(actor)


def read_onboarding(actor: Actor, request: HttpRequest) -> Any:
    from kith.onboarding.terminal import times_json

    actor.require("onboarding_plan.see")
    return times_json(actor)


def read_surveys(actor: Actor, request: HttpRequest) -> Any:
    """`?kind=csat&since=2026-01-01&until=`: of all surveys of a kind, by the day people were asked."""
    from kith.surveys.figures import figures
    from kith.surveys.telling import as_json

    actor.require("response.see")
    kind = request.GET.get("kind", "nps")
    if kind not in KINDS:
        raise Invalid(f"kind is one of {', '.join(KINDS)}.", "kind")
    return as_json(figures(actor, kind, since=_day(request, "since"), until=_day(request, "until")))


def read_tickets(actor: Actor, request: HttpRequest) -> Any:
    from kith.support.terminal import fairness_json

    actor.require("agent.see")
    return fairness_json(actor)


def read_promises(actor: Actor, request: HttpRequest) -> Any:
    """`?by=product&since=2026-01-01`"""
    from kith.conversion.telling import keeping_json

    return keeping_json(actor, request.GET.get("by", "owner"), _day(request, "since"))


def read_coverage(actor: Actor, request: HttpRequest) -> Any:
    from kith.retention.telling import coverage_json

    return coverage_json(actor)


def read_plays(actor: Actor, request: HttpRequest) -> Any:
    from kith.retention.telling import plays_json

    return plays_json(actor)


def read_mismatches(actor: Actor, request: HttpRequest) -> Any:
    from kith.conversion.telling import mismatches_json

    return mismatches_json(actor)


def read_orders(actor: Actor, request: HttpRequest) -> Any:
    """`?after=&format=csv`: orders changed since the cursor, the oldest change first."""
    from kith.conversion import export

    orders = export.changed_since(actor, export.read_cursor(after := request.GET.get("after", "")))
    following = export.write_cursor(orders[-1]) if orders else after
    wanted = request.GET.get("format", "json")
    if wanted not in ("json", "csv"):
        raise Invalid("format is json or csv.", "format")
    if wanted == "csv":
        response = HttpResponse("".join(export.as_csv(orders)), content_type="text/csv; charset=utf-8")
    else:
        response = JsonResponse({"data": export.as_json(orders), "next": following})
    response["X-Next-Cursor"] = following
    response["Cache-Control"] = "no-store"
    return response


def read_speed(actor: Actor, request: HttpRequest) -> Any:
    """`?period=last_90_days`, or `?from=2026-01-01&to=2026-03-31`: of those who came in it, by the day they came."""
    from kith.capture.telling import speed_json
    from kith.insight.period import read_period

    actor.require("lead_clock.see")
    period = read_period(request.GET.dict())
    return speed_json(actor, period.start, period.end)


def _day(request: HttpRequest, key: str) -> dt.date | None:
    given = request.GET.get(key, "")
    try:
        return dt.date.fromisoformat(given) if given else None
    except ValueError:
        raise Invalid(f"{key} is a day such as 2026-01-31.", key) from None


adoption = endpoint(get=read_adoption)
handovers = endpoint(get=read_handovers)
onboarding = endpoint(get=read_onboarding)
surveys = endpoint(get=read_surveys)
tickets = endpoint(get=read_tickets)
promises = endpoint(get=read_promises)
coverage = endpoint(get=read_coverage)
plays = endpoint(get=read_plays)
mismatches = endpoint(get=read_mismatches)
orders = endpoint(get=read_orders)
speed = endpoint(get=read_speed)
