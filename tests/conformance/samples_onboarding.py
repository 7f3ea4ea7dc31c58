"""Samples of onboarding: a plan of a company with its steps, and templates."""

from __future__ import annotations

from typing import Any

from kith.kernel.access.actor import system
from kith.kernel.records import actions
from kith.kernel.records.registry import registry


def onboarding_plan(by: Any, **values: Any) -> Any:
    """A customer who signed today; nobody else is on the same way."""
    record, people = registry["onboarding_plan"], registry["person"]
    n = record.model._default_manager.count()
    company = actions.create(registry["company"], {"name": f"Bellevue {n}"}, by=by)
    person = actions.create(people, {"given_name": f"Marta {n}", "company": company}, by=by)
    return actions.create(record, {"company": company, "person": person, **values}, by=by)


def onboarding_step(by: Any) -> Any:
    """The only step of a plan, which is ours to do."""
    template = plan_template(by, reassure_within="")
    actions.create(
        registry["template_step"],
        {"name": "Talk about goals", "template": template, "within": "3 business days"},
        by=system("cli"),
    )
    return onboarding_plan(by, template=template).steps.get()


def plan_template(by: Any, **values: Any) -> Any:
    n = registry["plan_template"].model._default_manager.count()
    return actions.create(registry["plan_template"], {"name": f"Sensors {n}", **values}, by=system("cli"))


def template_step(by: Any) -> Any:
    values = {"name": "Train the front desk", "template": plan_template(by), "within": "5 business days"}
    return actions.create(registry["template_step"], values, by=system("cli"))


SAMPLES = {
    "onboarding_plan": onboarding_plan, "onboarding_step": onboarding_step, "plan_template": plan_template,
    "template_step": template_step,
}  # fmt: skip
