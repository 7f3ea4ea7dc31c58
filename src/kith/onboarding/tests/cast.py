"""A hotel that bought, and what happens with its onboarding."""

from __future__ import annotations

from typing import Any

from kith.kernel.access.actor import Actor, system
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.records.actions import create
from kith.kernel.records.registry import registry
from kith.onboarding.models import Plan, Step
from tests.cast import actor


def made(record: str, by: Actor | None = None, **values: Any) -> Any:
    return create(registry[record], values, by=by or actor("ines"))


def hotel(name: str = "Hotel Bellevue") -> tuple[Any, Any]:
    company = made("company", name=name)
    person = made(
        "person", given_name="Marta", company=company, emails=[{"value": "marta@bellevue.example", "label": "work"}]
    )
    return company, person


def plan_of(company: Any, person: Any = None, **values: Any) -> Plan:
    return made("onboarding_plan", company=company, person=person, **values)


def template(steps: tuple[tuple[str, str, str, str], ...], **values: Any) -> Any:
    """A template; steps are (name, whose, after, within)."""
    made_one = made("plan_template", system("cli"), **{"name": "Sensors", **values})
    for n, (name, side, after, within) in enumerate(steps):
        made(
            "template_step",
            system("cli"),
            template=made_one,
            name=name,
            side=side,
            after=after,
            within=within,
            position=n,
        )
    return made_one


def step(plan: Plan, key: str) -> Step:
    return Step.objects.get(plan=plan, key=key, archived_at=None)


def do(verb: str, row: Any, who: str = "ines", **raw: Any) -> Any:
    return perform(ACTIONS[verb], row, raw, by=actor(who))
