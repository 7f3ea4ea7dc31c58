"""Parts of record pages: the steps of a plan and of a template, and how far a customer has come."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kith.kernel.access.actor import Actor
from kith.kernel.kinds import Choice, Day, Integer, Text
from kith.kernel.records.parts import Part
from kith.onboarding.links import page_link, page_path
from kith.onboarding.models import Kind, Plan, PlanTemplate, Side, StepState, TemplateStep
from kith.onboarding.planning import rhythm
from kith.onboarding.queries import of_customer, progress_of
from kith.ui.panels import Panel, register_panel

STYLE = "onboarding/css/pages/plan.css"


def template_steps(actor: Actor, template: PlanTemplate) -> dict[str, Any]:
    """The steps of a template in their order."""
    rows = list(TemplateStep.objects.filter(template=template, archived_at=None).order_by("position", "pk"))
    return {"rows": rows, "count": len(rows) or None, "may": actor.can("settings.manage"), "template": template}


def plan_steps(actor: Actor, plan: Plan) -> dict[str, Any]:
    """The steps of a plan with their days, whose they are, and the customer's page."""
    found = progress_of(plan, check_ins=True)
    today = timezone.localdate()
    rows = [
        {"step": step, "late": step.state == StepState.OPEN and step.due_on is not None and step.due_on < today,
         "moved": step.first_due_on is not None and step.due_on is not None and step.due_on > step.first_due_on,
         "check_in": step.kind == Kind.CHECK_IN, "theirs": step.side == Side.THEIRS, "milestone": step.kind == Kind.MILESTONE}
        for step in found.steps
    ]  # fmt: skip
    return {
        "rows": rows, "found": found, "plan": plan, "link": page_link(plan) if plan.link_open else "", "path": page_path(plan), "may": actor.can("onboarding_plan.edit"),
        "side": f"{found.percent} %", "owner": plan.owner, "rhythm": rhythm(plan),
    }  # fmt: skip


def customer(record: str) -> Any:
    def read(actor: Actor, row: Any) -> dict[str, Any] | None:
        rows = of_customer(actor, record, row.pk)
        if not rows:
            return None
        return {"plans": [(plan, progress_of(plan)) for plan in rows], "today": timezone.localdate()}

    return read


STEPS = Panel("steps", _("Steps"), "onboarding/panel_template.html", template_steps, depends_on=("template_step",), place="main",
              order=5, covers=("template_step",))  # fmt: skip
CARRIES = Panel("steps", _("The way to a first result"), "onboarding/panel_steps.html", plan_steps, depends_on=("onboarding_step", "activity"),
                place="main", order=5, covers=("onboarding_step",), verbs=("send_link", "renew_link", "shut_link", "open_link", "set_risk", "release_risk"), style=STYLE)  # fmt: skip
for _record in ("company", "person", "deal"):
    register_panel(
        Panel("onboarding", _("Onboarding"), "onboarding/panel_customer.html", customer(_record), depends_on=("onboarding_plan", "onboarding_step"),
              order=12, covers=("onboarding_plan",), lazy=True, style=STYLE),
        on=_record,
    )  # fmt: skip
PROGRESS = Part(
    "steps", _("Steps"),
    {"id": Integer(), "key": Text(60), "name": Text(200), "kind": Choice(dict(Kind.choices)), "side": Choice(dict(Side.choices)),
     "due_on": Day(), "done_on": Day(), "state": Choice(dict(StepState.choices))},
    lambda actor, plan: progress_of(plan, check_ins=True).steps,
)  # fmt: skip
