"""Onboardings said for a terminal and for programs."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from kith.kernel.access.actor import Actor
from kith.onboarding.links import page_link
from kith.onboarding.models import RUNNING, Plan, Side, Step, StepState
from kith.onboarding.queries import Times, carried, plans, progress_of, times

MOST = 100


def on_their_way(actor: Actor, *, late: bool = False, theirs: bool = False) -> list[Plan]:
    """Plans on their way, the first result due first; late: beyond that day; theirs: the customer has something overdue."""
    today = timezone.localdate()
    rows = plans(actor).filter(RUNNING).select_related("company", "person", "owner", "first_value")
    if late:
        rows = rows.filter(first_value_on=None, first_value_due__lt=today)
    if theirs:
        held = Step.objects.filter(side=Side.THEIRS, state=StepState.OPEN, archived_at=None, due_on__lt=today)
        rows = rows.filter(pk__in=held.values("plan"))
    return list(rows.order_by("first_value_due", "pk")[:MOST])


def is_late(plan: Plan) -> bool:
    waits = plan.is_running and plan.first_value_on is None and plan.first_value_due is not None
    return waits and plan.first_value_due < timezone.localdate()


def as_json(plan: Plan, *, whole: bool = False) -> dict[str, Any]:
    """A plan as plain values; whole: with its steps and the customer's page."""
    out: dict[str, Any] = {
        "id": plan.pk, "name": plan.name, "state": plan.state, "company": str(plan.company or ""), "person": str(plan.person or ""),
        "owner": str(plan.owner or ""), "segment": plan.segment, "risk": plan.risk, "late": is_late(plan),
        **{key: _day(getattr(plan, key)) for key in ("signed_on", "due_on", "first_due_on", "first_value_due", "first_value_on", "completed_on")},
    }  # fmt: skip
    if whole:
        out["page"] = page_link(plan) if plan.link_open else ""
        out["steps"] = [
            {"id": s.pk, "key": s.key, "name": s.name, "kind": s.kind, "side": s.side, "state": s.state, "due_on": _day(s.due_on),
             "first_due_on": _day(s.first_due_on), "done_on": _day(s.done_on), "reason": s.reason, "doer": str(s.doer or plan.owner or "") if s.side == Side.OURS else ""}
            for s in progress_of(plan, check_ins=True).steps
        ]  # fmt: skip
    return out


def _day(value: Any) -> str | None:
    return value.isoformat() if value else None


def plan_lines(found: list[Plan]) -> list[str]:
    """A line each: number, by when the first result, whose."""
    if not found:
        return ["Nobody is on their way."]
    out = []
    for plan in found:
        when = f"reached {plan.first_value_on}" if plan.first_value_on else f"by {plan.first_value_due or '–'}"
        late = " late" if is_late(plan) else ""
        out.append(f"#{plan.pk:<6} first result {when}{late:<5} {plan.name[:60]} ({plan.owner or 'nobody'})")
    return out


def whole_lines(plan: Plan) -> list[str]:
    found = progress_of(plan, check_ins=True)
    head = f"{plan.get_state_display()}, signed {plan.signed_on}, done by {plan.due_on or '–'}, {found.done} of {progress_of(plan).all} steps"
    out = [f"#{plan.pk} {plan.name}", head, *plan_lines([plan])[:1]]
    for step in found.steps:
        whose = "theirs" if step.side == Side.THEIRS else str(step.doer or plan.owner or "ours")
        when = f"done {step.done_on}" if step.state == StepState.DONE else f"due {step.due_on or '–'}"
        said = f"left out: {step.reason}" if step.state == StepState.SKIPPED else when
        out.append(f"  {said:<16} {step.name} ({whose})")
    return [*out, f"Their page: {page_link(plan)}" if plan.link_open else "Their page is shut."]


def times_json(actor: Actor) -> dict[str, Any]:
    """Days until the first result by segment and template, and how much each colleague carries."""
    return {
        "segments": [_times(one) for one in times(actor, "segment")], "templates": [_times(one) for one in times(actor, "template")],
        "carried": [{"owner": one["owner__name"] or "", "plans": one["n"], "late": one["late"]} for one in carried(actor)],
    }  # fmt: skip


def _times(one: Times) -> dict[str, Any]:
    return {"name": one.name, "plans": one.all, "reached": one.reached, "median_days": one.median, "late": one.late}


def times_lines(actor: Actor) -> list[str]:
    out = [f"{'segment':<28} {'plans':>6} {'reached':>8} {'median days':>12} {'late':>5}"]
    for one in times(actor, "segment"):
        median = "–" if one.median is None else f"{one.median:g}"
        out.append(f"{one.name or '–':<28} {one.all:>6} {one.reached:>8} {median:>12} {one.late:>5}")
    out += ["", f"{'colleague':<28} {'plans':>6} {'late':>8}"]
    return out + [f"{one['owner__name'] or 'nobody':<28} {one['n']:>6} {one['late']:>8}" for one in carried(actor)]
