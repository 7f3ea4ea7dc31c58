"""How Tidewell's customers were onboarded: told from the ways of their relationships, which say who was and for how long.

Known to be true: every customer whose way leads through Onboard has a plan and a hand-over, and nobody else has; a plan is
done when the way goes on, and its first result came at `FIRST` of the time between. `ASKED_BACK` of hand-overs went back
once. Those on their way now have done what should be done by now, but for `HELD_UP` of them.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from random import Random
from typing import Any

from django.db.models import Q
from django.utils import timezone

from kith.kernel.access.actor import Actor
from kith.kernel.calendars.queries import calendar_of
from kith.kernel.records import actions
from kith.kernel.records.registry import registry
from kith.kernel.timeline.change import change
from kith.onboarding import events
from kith.onboarding.dates import Node, end_of, later, schedule
from kith.process.models import Handover, Stay
from kith.starters.tidewell.writing import write_told
from kith.ui.dates import full

STAGE, BEFORE = "onboard", "convert"
FIRST, ASKED_BACK, HELD_UP, OFFERED = 0.8, 0.15, 0.3, 0.5
WITHIN = "14 business days"
STEPS = (  # key, name, kind, whose, after, within
    ("introduce", "Introduce the colleague", "task", "ours", "", "2 business days"),
    ("plans", "Send us floor plans and the caretaker's number", "task", "theirs", "introduce", "3 business days"),
    ("install", "Install the first sensors", "task", "ours", "introduce, plans", "5 business days"),
    ("train", "Train the front desk", "task", "ours", "install", "2 business days"),
    ("alarm", "Test the alarm together", "task", "theirs", "train", "2 business days"),
    ("result", "The first warning reached the right phone", "milestone", "ours", "alarm", ""),
)  # fmt: skip
SAYS = "Their caretaker knows every pipe. The insurer asks for the logs each quarter; we said that we send them."
GOALS = (
    "No water in the ballroom again.",
    "Sleep through the night.",
    "A lower premium by spring.",
    "Know it before the tenants do.",
)
MISSING = ("Who pays, they or the parent company?", "Which wing first?", "Nobody told us who has the keys.")


@dataclass(frozen=True)
class Way:
    """An onboarding as the relationship tells it: won, begun and, unless it goes on, settled."""

    journey: Any
    won: dt.datetime
    begun: dt.datetime
    settled: dt.datetime | None


def ways() -> list[Way]:
    """The onboardings there were, in the order of their customers. Two queries."""
    stays = Stay.objects.filter(stage=STAGE).select_related("journey", "journey__company", "journey__company__owner")
    won = dict(Stay.objects.filter(stage=BEFORE).values_list("journey", "entered_at"))
    return [
        Way(one.journey, won.get(one.journey_id, one.entered_at), one.entered_at, one.left_at)
        for one in stays.order_by("journey_id", "entered_at")
    ]  # fmt: skip


def write_onboarding(by: Actor, kith: Actor, seed: int, now: dt.datetime) -> int:
    """Templates, plans with their steps, and hand-overs; returns how many plans."""
    template, value = _set_up(by)
    found = ways()
    people = _contacts([way.journey.company_id for way in found])
    plans = [_plan(way, template, value, people.get(way.journey.company_id), now) for way in found]
    write_told(
        "onboarding_plan",
        plans,
        by=kith,
        story=[_story(plan, way, value) for plan, way in zip(plans, found, strict=True)],
    )
    steps = [
        step for n, (plan, way) in enumerate(zip(plans, found, strict=True))
        for step in _steps(plan, way, Random(f"{seed}:{n}:onboarding"), now)
    ]  # fmt: skip
    if moved := _tie_to_activities(steps, now):
        registry["onboarding_plan"].model._default_manager.bulk_update(moved, ["due_on"])
    write_told("onboarding_step", steps, by=kith, story=[[]] * len(steps))
    _hand_overs(found, Random(f"{seed}:handovers"))
    with change(value, by=by) as c:  # last, so that the story is told and not heard
        c.row.verb, c.row.holds = "onboarding.step_done", f"step={STEPS[-2][1]}"
    return len(plans)


def _set_up(by: Actor) -> tuple[Any, Any]:
    template = actions.create(registry["plan_template"], {"name": "Sensors in a building", "most_at_once": 40}, by=by)
    for n, (key, name, kind, side, after, within) in enumerate(STEPS):
        values = {
            "template": template,
            "key": key,
            "name": name,
            "kind": kind,
            "side": side,
            "after": after,
            "within": within,
            "position": n,
        }
        actions.create(registry["template_step"], values, by=by)
    value = actions.create(registry["first_value"], {"name": STEPS[-1][1], "within": WITHIN}, by=by)
    return template, value


def _contacts(companies: list[int]) -> dict[int, Any]:
    """{company: the first of its people}"""
    rows = registry["person"].model._default_manager.filter(company__in=companies, archived_at=None).order_by("-pk")
    return {row.company_id: row for row in rows}


def _plan(way: Way, template: Any, value: Any, person: Any, now: dt.datetime) -> Any:
    company, signed = way.journey.company, timezone.localdate(way.won)
    nodes = [Node(key, tuple(after.split(", ")) if after else (), within) for key, _n, _k, _s, after, within in STEPS]
    calendar = calendar_of()
    at_first = end_of(nodes, schedule(nodes, signed, signed, calendar), signed)
    plan = registry["onboarding_plan"].model(
        name=f"Onboarding of {company.name}", company=company, person=person, template=template, segment=way.journey.segment, signed_on=signed,
        first_value=value, first_value_due=later(signed, WITHIN, calendar), first_due_on=at_first, due_on=at_first, owner=company.owner,
        team_id=company.team_id, created_at=way.begun, updated_at=way.settled or way.begun,
    )  # fmt: skip
    if way.settled is not None and way.settled <= now:
        plan.state, plan.completed_on = "done", timezone.localdate(way.settled)
        plan.due_on, plan.first_value_on = plan.completed_on, timezone.localdate(first_result(way))
    return plan


def first_result(way: Way) -> dt.datetime:
    """When the first result of an onboarding that is over was there."""
    assert way.settled is not None
    return way.begun + FIRST * (way.settled - way.begun)


def _story(plan: Any, way: Way, value: Any) -> list[tuple[Any, dt.datetime]]:
    told: list[tuple[Any, dt.datetime]] = [
        (events.PlanStarted("Sensors in a building", full(plan.first_due_on)), way.begun)
    ]
    if plan.first_value_on is not None:
        days = (plan.first_value_on - plan.signed_on).days
        told.append((events.FirstValueReached(value.name, days, plan.segment), first_result(way)))
    if plan.completed_on is not None and way.settled is not None:
        told.append((events.Completed((plan.completed_on - plan.signed_on).days), way.settled))
    return told


def _steps(plan: Any, way: Way, random: Random, now: dt.datetime) -> list[Any]:
    """The steps of a plan: done one after the other between beginning and end, or as far as they should be by now."""
    nodes = [Node(key, tuple(after.split(", ")) if after else (), within) for key, _n, _k, _s, after, within in STEPS]
    due = schedule(nodes, plan.signed_on, plan.signed_on, calendar_of())
    today, held = timezone.localdate(now), random.random() < HELD_UP
    out = []
    for n, (key, name, kind, side, after, within) in enumerate(STEPS):
        step = registry["onboarding_step"].model(
            plan=plan, key=key, name=name, kind=kind, side=side, after=after, within=within, due_on=due[key], first_due_on=due[key],
            position=10 * n, doer=plan.owner if side == "ours" else None, created_at=way.begun, updated_at=way.begun,
        )  # fmt: skip
        if plan.completed_on is not None and way.settled is not None:
            share = (n + 1) / len(STEPS)
            step.state, step.done_on = "done", timezone.localdate(way.begun + share * (way.settled - way.begun))
        elif (
            due[key] < today
            and kind == "task"
            and not (held and side == "theirs")
            and all(s.state == "done" for s in out)
        ):
            step.state, step.done_on = "done", due[key]
        out.append(step)
    return out


def _tie_to_activities(steps: list[Any], now: dt.datetime) -> list[Any]:
    """Open steps of ours are what the story planned with these customers, where it planned just that. Returns the plans whose
    days follow from it."""
    open_ = [one for one in steps if one.state == "open" and one.side == "ours" and one.plan.state == "running"]
    names = {one.name for one in open_}
    rows = registry["activity"].model._default_manager.filter(
        Q(subject__in=names), company__in=[one.plan.company_id for one in open_], done_at=None, archived_at=None
    )
    found = {(row.company_id, row.subject): row for row in rows.order_by("-pk")}
    moved = {}
    for step in open_:
        if (row := found.get((step.plan.company_id, step.name))) is not None:
            step.activity, step.fixed_on = row, timezone.localdate(row.due_at)
            moved[step.plan.pk] = step.plan
    for plan in moved.values():
        _follow([one for one in steps if one.plan is plan], plan, timezone.localdate(now))
    return list(moved.values())


def _follow(steps: list[Any], plan: Any, today: dt.date) -> None:
    """Days of a plan's open steps, and its end, after one of them was set on a day."""
    nodes = [Node(s.key, tuple(s.after.split(", ")) if s.after else (), s.within, s.fixed_on, s.done_on) for s in steps]
    due = schedule(nodes, plan.signed_on, today, calendar_of())
    plan.due_on = end_of(nodes, due, today)
    for step in steps:
        if step.state == "open":
            step.due_on = due[step.key]


def _hand_overs(found: list[Way], random: Random) -> None:
    """Who gave whom over, and the offers that wait now."""
    owners = sorted({way.journey.company.owner_id for way in found})
    rows = []
    for way in found:
        journey, giver = way.journey, random.choice(owners)
        told = {"journey": journey, "stage": STAGE, "giver_id": giver, "receiver_id": journey.company.owner_id, "team_id": journey.company.team_id,
                "says": SAYS, "goals": random.choice(GOALS)}  # fmt: skip
        offered = way.won
        if random.random() < ASKED_BACK:
            back = offered + 0.4 * (way.begun - offered)
            rows.append(Handover(**told, offered_at=offered, returned_at=back, missing=random.choice(MISSING)))
            offered = back + 0.3 * (way.begun - back)
        rows.append(Handover(**told, offered_at=offered, accepted_at=way.begun))
    waiting = Stay.objects.filter(stage=BEFORE, left_at=None, journey__closed_at=None).select_related(
        "journey", "journey__company"
    )
    for stay in waiting.order_by("journey_id"):
        if stay.journey.company is not None and random.random() < OFFERED:
            others = [pk for pk in owners if pk != stay.journey.company.owner_id]
            rows.append(Handover(
                journey=stay.journey, stage=STAGE, giver_id=stay.journey.company.owner_id, receiver_id=random.choice(others or owners),
                team_id=stay.journey.company.team_id, says=SAYS, goals=random.choice(GOALS), offered_at=stay.entered_at, due_at=stay.due_at,
            ))  # fmt: skip
    Handover.objects.bulk_create(rows)
