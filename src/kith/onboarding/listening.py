"""What is heard elsewhere: hand-overs accepted begin a plan, what colleagues do finishes its steps, and the event that a
product's first result is known by says that it is reached."""

from __future__ import annotations

from typing import Any

from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from kith.kernel.access.actor import Actor
from kith.kernel.organisation.models import cached
from kith.kernel.records.registry import registry
from kith.kernel.timeline.holding import holds
from kith.kernel.timeline.write import Entry
from kith.onboarding.actions import end, end_activity, move, reached, reopen, stop
from kith.onboarding.models import RUNNING, FirstValue, Plan, Step, StepState
from kith.onboarding.moving import MOVES, follow, of_kith
from kith.onboarding.planning import create
from kith.onboarding.risking import soon

ACCEPTED, REOPENED = "journey.handover_accepted", "deal.reopened"
STEP_MOVES = frozenset({
    "onboarding_step.created", "onboarding.step_done", "onboarding.step_reopened", "onboarding.step_skipped", "onboarding.step_moved",
    "onboarding.check_in_skipped",
})  # fmt: skip
STEP_EVENTS = ("onboarding_step.", "onboarding.step_", "onboarding.check_in_")
BY_FORM = frozenset({"activity.changed", "activity.archived"})
DOINGS = BY_FORM | {"activity.done", "activity.called", "activity.met", "activity.reopened", "activity.postponed"}


# --- a hand-over is accepted


def takes_over(verb: str) -> bool:
    return verb == ACCEPTED


def begin(entries: list[Entry], by: Actor) -> None:
    """Begin the onboarding of whoever bought something and has no plan for it."""
    for entry in entries:
        journey = registry["journey"].model._default_manager.filter(pk=entry.record_id).first()
        if journey is not None and entry.record == "journey":
            begin_for(journey, getattr(entry.says, "receiver", None), of_kith(by))


def begin_for(journey: Any, receiver: int | None, by: Actor) -> None:
    """Begin the plan of what the customer of a journey bought last, looked after by the receiver; nothing where there is one
    for it already, or nothing was bought."""
    order, deal = _bought(journey)
    if order is None and deal is None:
        return
    known = Plan.objects.filter(archived_at=None).filter(Q(order=order) if order else Q(deal=deal))
    if known.exists():
        return
    owner = registry["company"].model._meta.get_field("owner").related_model.objects.filter(pk=receiver or 0).first()
    contact = journey.person or (order and order.person) or (deal and deal.contact) or _somebody(journey)
    signed = (order and order.placed_on) or (deal and deal.closed_on) or timezone.localdate()
    values = {
        "company": journey.company, "person": contact, "order": order, "deal": deal or order.deal, "segment": journey.segment,
        "signed_on": signed, "owner": owner or journey.owner,
    }  # fmt: skip
    create({k: v for k, v in values.items() if v is not None}, by=by)


def _bought(journey: Any) -> tuple[Any, Any]:
    """(the last order, the last deal won) of the customer of a journey."""
    of = Q(company=journey.company_id) if journey.company_id else Q(person=journey.person_id)
    orders = registry["order"].model._default_manager.filter(of, archived_at=None, ended_on=None)
    of = Q(company=journey.company_id) if journey.company_id else Q(contact=journey.person_id)
    deals = registry["deal"].model._default_manager.filter(of, status="won", archived_at=None)
    return orders.order_by("-placed_on", "-pk").first(), deals.order_by(
        F("closed_on").desc(nulls_last=True), "-pk"
    ).first()


def _somebody(journey: Any) -> Any:
    """The first of a company's people who has an address."""
    people = registry["person"].model._default_manager.filter(company=journey.company_id or 0, archived_at=None)
    return people.exclude(emails=[]).order_by("pk").first()


# --- the deal is open again


def opens_again(verb: str) -> bool:
    return verb == REOPENED


def bring_to_rest(entries: list[Entry], by: Actor) -> None:
    """Stop the plans of what is not sold any more; what colleagues had to do for it is put away."""
    ids = {entry.record_id for entry in entries}
    for plan in Plan.objects.filter(RUNNING, deal__in=ids).select_related("deal").order_by("pk"):
        stop.run(plan, reason=_("%s is open again") % plan.deal, by=of_kith(by))


# --- what colleagues do


def does(verb: str) -> bool:
    return verb in DOINGS


def follow_activities(entries: list[Entry], by: Actor) -> None:
    """Bring steps in line with what colleagues did. One query where none of it belongs to a plan."""
    ids = {
        entry.record_id for entry in entries
        if entry.record == "activity" and not (entry.says.verb_for("activity") in BY_FORM and taken_back(by))
    }  # fmt: skip
    rows = Step.objects.filter(
        activity__in=ids, archived_at=None, plan__archived_at=None, plan__state__in=("running", "done")
    )
    for step in rows.select_related("activity", "plan").order_by("pk"):
        _follow(step, step.activity, by)


def _follow(step: Step, activity: Any, by: Actor) -> None:
    today = timezone.localdate()
    if activity.archived_at is not None:
        if step.state == StepState.OPEN:
            end(step, StepState.SKIPPED, today, _("It was put away among what is to be done."), of_kith(by))
    elif activity.done_at is not None and step.state == StepState.OPEN:
        end(step, StepState.DONE, min(timezone.localdate(activity.done_at), today), "", of_kith(by))
    elif activity.done_at is None and step.state == StepState.DONE:
        reopen.run(step, by=of_kith(by))
    elif activity.done_at is None and activity.due_at is not None and step.state == StepState.OPEN:
        _moved(step, timezone.localdate(activity.due_at), by)


def _moved(step: Step, day: Any, by: Actor) -> None:
    """A colleague postponed it: the step is on that day as well, and what waits for it follows."""
    if day != step.due_on:
        move.run(step, to=day, by=of_kith(by))


# --- steps


def steps_written(verb: str) -> bool:
    return verb.startswith(STEP_EVENTS)


def hear_steps(entries: list[Entry], by: Actor) -> None:
    """Work out anew what the steps of these plans lead to, where one of them is done, moved, new or gone."""
    told = [one for one in entries if one.record == "onboarding_step" and _moves(one, by)]
    gone = {one.record_id for one in told if one.says.verb_for(one.record) == "onboarding_step.archived"}
    for step in Step.objects.filter(pk__in=gone, state=StepState.OPEN).order_by("pk"):
        end_activity(step, StepState.SKIPPED, of_kith(by))
    plans = Step.objects.filter(pk__in={one.record_id for one in told}).values("plan")
    for plan in Plan.objects.filter(pk__in=plans).order_by("pk"):
        follow(plan, by=of_kith(by))


def _moves(entry: Entry, by: Actor) -> bool:
    """Does it change what waits for what, or when? What is laid down with a new plan is worked out already."""
    if getattr(entry.says, "with_plan", False):
        return False
    verb = entry.says.verb_for(entry.record)
    if verb in ("onboarding_step.archived", "onboarding_step.restored"):
        return not taken_back(by)
    return verb in STEP_MOVES or (bool(MOVES & set(entry.changes)) and not taken_back(by))


def taken_back(by: Actor) -> bool:
    """Is something being taken back, which brings all that followed from it back as well? What people and programs change,
    archive and restore is part of an operation; what an undo writes is not."""
    return by.operation is None


# --- the first result


def rules() -> list[FirstValue]:
    """What counts as a first result by an event."""
    found: list[FirstValue] = cached(
        "onboarding.first_values",
        lambda: list(FirstValue.objects.filter(archived_at=None).exclude(verb="")),
        ("first_value",),
    )
    return found


def tells(verb: str) -> bool:
    return any(rule.verb == verb for rule in rules())


def hear_results(entries: list[Entry], by: Actor) -> None:
    """Say of the customers whom these events are about that their first result is reached."""
    for entry in entries:
        verb, payload = entry.says.verb_for(entry.record), entry.says.payload()
        held = [r.pk for r in rules() if r.verb == verb and holds(payload, r.needed())]
        if not held:
            continue
        refs = {*entry.about, (entry.record, entry.record_id)}
        companies, people = ([pk for name, pk in refs if name == kind] for kind in ("company", "person"))
        plans = Plan.objects.filter(RUNNING, first_value__in=held, first_value_on=None)
        for plan in plans.filter(Q(company__in=companies) | Q(person__in=people)).order_by("pk"):
            on = timezone.localdate(entry.at) if entry.at else timezone.localdate()
            reached(plan, min(on, timezone.localdate()), "", of_kith(by))


# --- how much at risk it is


WEIGHED = frozenset({
    "onboarding_plan.created", "onboarding.slipped", "onboarding.first_value", "onboarding.first_value_withdrawn", "onboarding.resumed",
    "onboarding_plan.changed", "onboarding_plan.restored", "onboarding_plan.taken_back",
})  # fmt: skip


def weighs(verb: str) -> bool:
    return verb in WEIGHED


def hear_plans(entries: list[Entry], by: Actor) -> None:
    """The plan itself moved: how much at risk it is may have moved with it."""
    soon(entry.record_id for entry in entries if entry.record == "onboarding_plan")
