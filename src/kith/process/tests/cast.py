"""A small process for the tests, and verbs to say what happens to customers."""

from __future__ import annotations

from typing import Any

from kith.deals.actions import install_defaults
from kith.kernel.access.actor import Actor, system
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.records.actions import create
from kith.kernel.records.registry import registry
from kith.process.definition.files import from_yaml
from kith.process.models import RUNNING, Journey, Process
from kith.process.publishing import bring
from tests.cast import actor

SMALL = """
key: small
name: Small
segments:
  - key: retail
    name: Retail
    rule: {of: company, where: "industry.has:retail"}
stages:
  - key: capture
    name: Capture
    step: 2
    enters_on: [person.created, company.created]
    within: 2 h
    warn: 30 min
    forward: [qualify]
  - key: qualify
    name: Qualify
    step: 3
    prevents: We learn the budget at the end.
    enters_on: [activity.called]
    needs:
      - {key: industry, says: Their industry is known, by: field, of: company, column: industry}
      - {key: fit, says: Fit was judged}
    only: []
    forward: [deal]
  - key: deal
    name: Deal
    step: 5
    enters_on: [deal.created]
    back: [qualify]
    within: 30 days
    within_for: {retail: 10 days}
  - key: service
    name: Service
    step: 8
    enters_on: [deal.won]
"""

HANDED = SMALL.replace("enters_on: [deal.won]", "enters_on: [journey.handover_accepted]\n    handover: true")
BUSY = SMALL.replace(
    "    forward: [qualify]\n",
    "    forward: [qualify]\n    automations:\n"
    "      - {moment: entry, do: activity.plan_task, inputs: {subject: Say hello, due: 2 h}}\n"
    "      - {moment: exit, do: activity.write_note, inputs: {body: Answered.}}\n"
    "      - {moment: overdue, do: activity.plan_task, inputs: {subject: Ask what keeps us, due: 1 h}}\n",
)


def in_force(text: str = SMALL, by: Actor | None = None) -> Process:
    """A process of this file, published; new customers begin in it."""
    by = by or actor("astrid")
    install_defaults(system())
    process = bring(from_yaml(text), by=by)
    perform(ACTIONS["process.publish"], process, {"default": "on"}, by=by)
    process.refresh_from_db()
    return process


def made(record: str, by: Actor, **values: Any) -> Any:
    return create(registry[record], values, by=by)


def company(by: Actor, name: str = "Hotel Bellevue", **values: Any) -> Any:
    return made("company", by, name=name, **values)


def person(by: Actor, given_name: str = "Marta", **values: Any) -> Any:
    return made("person", by, given_name=given_name, **values)


def call(by: Actor, **about: Any) -> Any:
    from kith.activities.writing import log_call

    [(record, row)] = about.items()
    return perform(ACTIONS[log_call.name], row, {"body": "They called back."}, by=by)


def journey_of(row: Any) -> Journey:
    return Journey.objects.get(RUNNING, **{row._meta.model_name: row})
