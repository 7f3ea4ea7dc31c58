"""The settings of assignment: rules with their sentences, pools, the load of everybody, the tester and the replay."""

from __future__ import annotations

import dataclasses
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from kith.kernel.access.actor import Actor
from kith.kernel.errors import KithError
from kith.kernel.kinds import Link
from kith.kernel.lookups.conditions import say
from kith.kernel.records.registry import registry
from kith.qualification.assigning.choosing import Choice
from kith.qualification.assigning.load import loads
from kith.qualification.assigning.replaying import replay
from kith.qualification.assigning.trying import of_person, of_sample
from kith.qualification.assigning.unrouted import unrouted
from kith.qualification.models import AssignmentRule, Late, Member, Pool
from kith.ui.forms import Ask, field_of, read_form
from kith.ui.pages.base import actor_of
from kith.ui.render import page

SAMPLED = ("company", "source", "job_title", "language", "tags")
PLACED = ("country", "region", "postcode", "city")


def assignment(request: HttpRequest) -> HttpResponse:
    """`/settings/assignment/`: everything that decides who gets a lead."""
    actor = actor_of(request)
    actor.require("settings.manage")
    context = {"rules": _rules(actor), "pools": _pools(), "loads": loads(), "unrouted": unrouted().count()}
    return page(request, "qualification/assignment.html", context)


def _rules(actor: Actor) -> list[dict[str, Any]]:
    rows = AssignmentRule.objects.filter(archived_at=None).select_related(
        "user", "team", "pool", "otherwise", "escalate_to"
    )
    return [
        {"rule": r, "where": say(r.where, actor) or _("everybody"), "to": _to(r), "late": _late(r)}
        for r in rows.order_by("position", "id")
    ]  # fmt: skip


def _late(rule: AssignmentRule) -> str:
    """What happens when nobody answered in time."""
    if rule.when_late == Late.ESCALATE:
        return _("then %s is told") % rule.escalate_to
    return _("then the next one gets it") if rule.when_late == Late.REASSIGN else ""


def _to(rule: AssignmentRule) -> str:
    if rule.user:
        return str(rule.user)
    if not (rule.team or rule.pool):
        return _("nobody yet")
    words = _("in turn: %s") % (rule.team or rule.pool)
    return f"{words}, {_('else %s') % rule.otherwise}" if rule.otherwise else words


def _pools() -> list[dict[str, Any]]:
    members: dict[int, list[Member]] = {}
    for m in Member.objects.filter(archived_at=None).select_related("user", "calendar").order_by("user__name"):
        members.setdefault(m.pool_id, []).append(m)
    return [
        {"pool": p, "members": members.get(p.pk, [])} for p in Pool.objects.filter(archived_at=None).order_by("name")
    ]


def tester(request: HttpRequest) -> HttpResponse:
    """`/settings/assignment/try`: which rule fires for a person, or for values that are typed in, and why not the others."""
    actor = actor_of(request)
    actor.require("settings.manage")
    asks = _asks(actor)
    raw = read_form(asks, request.GET)
    made, problem = _tried(actor, asks, raw, asked="ask" in request.GET)
    fields = [field_of(ask, raw[ask.key], actor=actor) for ask in asks]
    context = {"fields": fields, "made": made, "told": checks(made.candidates.told) if made else [], "problem": problem}
    return page(request, "qualification/assignment_try.html", context, 422 if problem else 200)


def replayed(request: HttpRequest) -> HttpResponse:
    """`/settings/assignment/replay`: what the rules, or `?rule=3` among them, would have done with the leads of 90 days."""
    actor = actor_of(request)
    actor.require("settings.manage")
    asked = request.GET.get("rule", "")
    rule = registry["assignment_rule"].get(actor, asked) if asked else None
    return page(request, "qualification/assignment_replay.html", {"rule": rule, "told": replay(rule, by=actor)})


def checks(told: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Candidates as `ui.checks` takes them."""
    return [{"label": one["name"], "state": "no" if one["why"] else "met", "small": one["why"]} for one in told]


def _asks(actor: Actor) -> list[Ask]:
    columns = registry["person"].columns(actor)
    person = Ask("person", _("Somebody you know"), Link("person"))
    plain = [
        dataclasses.replace(Ask.of_column(columns[key]), required=False)
        for key in (*SAMPLED, *PLACED)
        if key in columns
    ]
    return [person, *plain]


def _tried(actor: Actor, asks: list[Ask], raw: dict[str, Any], *, asked: bool) -> tuple[Choice | None, str]:
    if not asked:
        return None, ""
    try:
        values = {ask.key: ask.kind.parse(raw[ask.key], actor=actor) for ask in asks}
        chosen = values.pop("person")
        now = timezone.now()
        return (of_person(chosen.pk, now) if chosen else of_sample(values, now)), ""
    except KithError as problem:
        return None, str(problem)
