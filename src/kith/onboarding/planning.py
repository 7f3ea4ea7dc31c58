"""Beginning an onboarding: which template, whose it is, its steps with their days, and what colleagues have to do for it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kith.activities import actions as activities
from kith.activities.notices import notify
from kith.kernel.access.actor import Actor
from kith.kernel.accounts.queries import managers
from kith.kernel.calendars.queries import calendar_of
from kith.kernel.records.actions import adopt, fill
from kith.kernel.timeline.change import change
from kith.onboarding import events
from kith.onboarding.dates import Node, end_of, later, schedule
from kith.onboarding.models import (
    RUNNING,
    FirstValue,
    Kind,
    Plan,
    PlanTemplate,
    Risk,
    Side,
    Step,
    TemplateStep,
    keys_in,
)
from kith.onboarding.moving import KIND, moment, of_kith, ours
from kith.ui.dates import full as say_day

CHECK_IN_EVERY, CHECK_IN_RISKY, REASSURE = "14 days", "7 days", "2 business days"


@dataclass(frozen=True)
class Planned:
    """A step as a template has it."""

    key: str
    name: str
    kind: str
    side: str
    after: str
    within: str
    about_text: str = ""


def plain() -> list[Planned]:
    """What every new customer goes through where no template fits."""
    return [
        Planned("kick-off", _("Talk about goals and dates"), Kind.TASK, Side.OURS, "", "3 business days"),
        Planned("papers", _("Send us what we need to begin"), Kind.TASK, Side.THEIRS, "kick-off", "5 business days"),
        Planned("set-up", _("Set everything up"), Kind.TASK, Side.OURS, "kick-off, papers", "5 business days"),
        Planned("training", _("Show them how it works"), Kind.TASK, Side.OURS, "set-up", "5 business days"),
        Planned("try", _("Try it yourselves, and tell us how it went"), Kind.TASK, Side.THEIRS, "training", "5 business days"),
        Planned("result", _("First result"), Kind.MILESTONE, Side.OURS, "try", ""),
    ]  # fmt: skip


def choose(products: Iterable[int], segment: str) -> PlanTemplate | None:
    """The template for these products and this segment: both match before the product alone, then the segment alone, then
    one that is for everybody; None where none fits."""
    known = set(products)

    def fits(one: PlanTemplate) -> bool:
        return (one.product_id is None or one.product_id in known) and one.segment in ("", segment)

    found = [one for one in PlanTemplate.objects.filter(archived_at=None).order_by("pk") if fits(one)]
    return min(found, key=lambda one: (one.product_id is None, not one.segment, one.pk), default=None)


def steps_of(template: PlanTemplate | None) -> list[Planned]:
    """The steps of a template; of one without steps, or of none, the plain ones."""
    rows = (
        TemplateStep.objects.filter(template=template, archived_at=None).order_by("position", "pk") if template else ()
    )
    return [Planned(r.key, r.name, r.kind, r.side, r.after, r.within, r.about_text) for r in rows] or plain()


def first_value_of(products: Iterable[int]) -> FirstValue | None:
    """What counts as the first result with one of these products, or with any."""
    known = set(products)
    rows = [
        one
        for one in FirstValue.objects.filter(archived_at=None).order_by("pk")
        if one.product_id is None or one.product_id in known
    ]
    return min(rows, key=lambda one: (one.product_id is None, one.pk), default=None)


def create(values: dict[str, Any], *, by: Actor, at: dt.datetime | None = None) -> Plan:
    """A plan from typed values, with its steps and what is to be done for it. Raises InvalidMany."""
    from kith.onboarding.records import PlanRecord

    plan = Plan()
    fill(PlanRecord, plan, {k: v for k, v in values.items() if k != "products"}, by=by)
    if plan.company_id is None and plan.person is not None and plan.person.company_id:
        plan.company_id = plan.person.company_id
    plan.verify()
    products = _products(plan, values)
    plan.template = plan.template or choose(products, plan.segment)
    plan.first_value = plan.first_value or first_value_of(products)
    plan.name = plan.name or _("Onboarding of %s") % (plan.company or plan.person)
    _find_owner(plan, by)
    steps = _laid_out(plan)
    crowded = _crowded(plan)
    with change(plan, by=by, at=at) as c:
        adopt(c.row, by)
        said = plan.template.name if plan.template else _("the plain plan")
        c.says(events.PlanStarted(said, say_day(plan.due_on) if plan.due_on else "", crowded))
    _write(plan, steps, of_kith(by))
    if crowded:
        _say_crowded(plan, crowded, by)
    return plan


def alike(actor: Actor, values: dict[str, Any], own: int | None = None) -> list[tuple[Plan, str]]:
    """Onboardings of the same customer that are on their way, to warn whoever makes another one."""
    from kith.onboarding.records import PlanRecord

    known = [Q(**{key: values[key]}) for key in ("company", "person") if values.get(key)]
    if not known:
        return []
    rows = PlanRecord.rows(actor, archived=False).filter(RUNNING).filter(known[0]).exclude(pk=own or 0)
    return [(row, _("on its way already")) for row in rows.order_by("pk")[:3]]


def _products(plan: Plan, values: dict[str, Any]) -> list[int]:
    """Ids of what was bought, from the order, else from the deal."""
    if values.get("products"):
        return list(values["products"])
    found: list[int] = []
    for row in (plan.order, plan.deal):
        if row is not None and not found:
            found = [pk for pk in row.lines.values_list("product_id", flat=True) if pk]
    if not found and plan.deal is not None and plan.deal.product_id:
        found = [plan.deal.product_id]
    return found


def _find_owner(plan: Plan, by: Actor) -> None:
    customer = plan.company or plan.person
    if plan.owner_id is None:
        plan.owner = by.user or (customer.owner if customer is not None else None)
    if plan.owner_id is not None and plan.team_id is None:
        plan.team = plan.owner.teams.order_by("pk").first()


def _laid_out(plan: Plan) -> list[Step]:
    """The steps with their days, and the end of the plan; nothing is written."""
    calendar, today = calendar_of(), timezone.localdate()
    planned = steps_of(plan.template)
    nodes = [Node(p.key, tuple(keys_in(p.after)), p.within) for p in planned]
    due, at_first = (
        schedule(nodes, plan.signed_on, today, calendar),
        schedule(nodes, plan.signed_on, plan.signed_on, calendar),
    )
    plan.due_on, plan.first_due_on = end_of(nodes, due, today), end_of(nodes, at_first, plan.signed_on)
    if plan.first_value is not None and plan.first_value.within:
        plan.first_value_due = plan.first_value_due or later(plan.signed_on, plan.first_value.within, calendar)
    plan.first_value_due = plan.first_value_due or plan.first_due_on
    steps = [
        Step(plan=plan, name=p.name, key=p.key, kind=p.kind, side=p.side, after=p.after, within=p.within, about_text=p.about_text,
             due_on=due[p.key], first_due_on=at_first[p.key], position=10 * n)
        for n, p in enumerate(planned, 1)
    ]  # fmt: skip
    words = plan.template.reassure_within if plan.template else REASSURE
    if words:
        day = max(later(plan.signed_on, words, calendar), today)
        steps.insert(0, _check_in(plan, day, _("Ask whether they are happy with their choice")))
    return steps


def _check_in(plan: Plan, day: dt.date, name: str) -> Step:
    key = f"check-in-{day:%Y%m%d}"
    return Step(
        plan=plan,
        name=name,
        key=key,
        kind=Kind.CHECK_IN,
        side=Side.OURS,
        fixed_on=day,
        due_on=day,
        first_due_on=day,
        position=1000,
    )


def _write(plan: Plan, steps: list[Step], by: Actor) -> None:
    for step in steps:
        step.plan = plan
        write_step(step, by, with_plan=True)


def add_step(values: dict[str, Any], *, by: Actor, at: dt.datetime | None = None) -> Step:
    """One more step of a plan, from typed values; what waits for what is worked out anew. Raises InvalidMany."""
    from kith.onboarding.records import StepRecord

    step = Step()
    fill(StepRecord, step, values, by=by)
    step.derive()
    step.verify()
    if not step.position:
        last = (
            Step.objects.filter(plan=step.plan, archived_at=None)
            .exclude(kind=Kind.CHECK_IN)
            .order_by("-position")
            .first()
        )
        step.position = last.position + 10 if last is not None else 10
    return write_step(step, by, at=at)


def write_step(step: Step, by: Actor, *, with_plan: bool = False, at: dt.datetime | None = None) -> Step:
    """Write a step with what a colleague has to do for it."""
    if ours(step) and step.activity_id is None:
        plan = step.plan
        step.activity = activities.create({
            "kind": "call" if step.kind == Kind.CHECK_IN else "task", "subject": step.name, "body": step.about_text,
            "due_at": moment(step.due_on) if step.due_on else None, "person": plan.person, "company": plan.company, "deal": plan.deal,
            "owner": step.doer or plan.owner, "team": plan.team,
        }, by=of_kith(by))  # fmt: skip
    with change(step, by=by, at=at) as c:
        if step.pk is None:
            c.says(events.StepPlanned(step.name, with_plan))
    return step


def rhythm(plan: Plan) -> str:
    """How often one asks how it goes, as the template says for the plan's risk; "" where it says never."""
    template, risky = plan.template, plan.risk == Risk.HIGH
    if template is None:
        return CHECK_IN_RISKY if risky else CHECK_IN_EVERY
    return template.check_in_risky if risky else template.check_in_every


def keep_rhythm(plan: Plan, by: Actor) -> Step | None:
    """The risk moved: the next check-in comes as often as is right now, counted from the last one. The first word after the
    purchase, and what somebody put on a day of its own, stay. Returns the check-in that moved or is new."""
    words = rhythm(plan)
    if not words or not plan.is_running:
        return None
    every = Step.objects.filter(plan=plan, kind=Kind.CHECK_IN, archived_at=None)
    last = every.exclude(state="open").order_by("-done_on").values_list("done_on", flat=True).first()
    step = every.filter(state="open").order_by("due_on", "pk").first()
    if step is None:
        return next_check_in(plan, last or timezone.localdate(), by)
    if last is None or step.fixed_on != step.first_due_on:
        return None
    day = max(later(last, words, calendar_of()), timezone.localdate())
    if step.fixed_on == day:
        return None
    with change(step, by=of_kith(by)) as c:
        c.row.fixed_on = c.row.first_due_on = day
        c.says(events.StepMoved(c.row.name, say_day(day)))  # at which its day and its task follow
    return c.row


def next_check_in(plan: Plan, after: dt.date, by: Actor) -> Step | None:
    """Plan the next check-in, as often as the template says for its risk; None where the template has none, or one is
    planned already."""
    words = rhythm(plan)
    if (
        not words
        or not plan.is_running
        or Step.objects.filter(plan=plan, kind=Kind.CHECK_IN, state="open", archived_at=None).exists()
    ):
        return None
    return write_step(
        _check_in(plan, max(later(after, words, calendar_of()), timezone.localdate()), _("Ask how it goes")), by
    )


# --- how many plans a colleague looks after


def _crowded(plan: Plan) -> int:
    """How many plans its owner has with this one, where that is more than the template allows; 0 else."""
    return _beyond(plan.template, plan.owner_id)


def _beyond(template: PlanTemplate | None, owner: int | None) -> int:
    """How many plans a colleague would have with one more of this template, where that is more than it allows; 0 else."""
    most = template.most_at_once if template else None
    if not most or not owner:
        return 0
    has = Plan.objects.filter(RUNNING, owner=owner).count() + 1
    return has if has > most else 0


def cautions(actor: Actor, values: dict[str, Any]) -> list[str]:
    """What whoever types a new plan is to know before it is made: its owner has as many as the template allows."""
    if (owner := values.get("owner")) is None:
        return []
    bought = _products(Plan(order=values.get("order"), deal=values.get("deal")), values)
    template = values.get("template") or choose(bought, values.get("segment") or "")
    if template is None or not (has := _beyond(template, owner.pk)):
        return []
    said = ngettext(
        "%(who)s has %(n)d onboarding on their way; “%(template)s” allows %(most)d at once.",
        "%(who)s has %(n)d onboardings on their way; “%(template)s” allows %(most)d at once.",
        has - 1,
    )
    return [said % {"who": owner, "n": has - 1, "template": template, "most": template.most_at_once}]


def _say_crowded(plan: Plan, has: int, by: Actor) -> None:
    words = _("%(who)s has %(n)d onboardings on their way now, more than %(most)d: %(name)s was the last one.") % {
        "who": plan.owner, "n": has, "most": plan.template.most_at_once, "name": plan.name}  # fmt: skip
    whom = {user.pk: user for user in (plan.owner, *managers()) if user is not None}
    notify(
        whom.values(), words, kind=KIND, key=f"onboarding.crowded:{plan.pk}", by=by, about=("onboarding_plan", plan.pk)
    )
