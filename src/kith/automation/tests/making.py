"""Workflows and rows for the tests of automation, made through their own actions."""

from __future__ import annotations

from typing import Any

from kith.automation import actions as do
from kith.automation.models import Run, Workflow
from kith.deals.actions import install_defaults
from kith.kernel.access.actor import Actor, system
from kith.kernel.jobs.inline import run_waiting_jobs
from kith.kernel.records import actions
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.records.registry import registry
from kith.kernel.timeline.operations import operation
from tests.cast import actor

WHY = {"do": "write", "kind": "task", "inputs": {"subject": "Ask why", "due": "3 days", "owner": "=owner"}}
WHEN_LOST = {"record": "deal", "when": {"event": "deal.lost"}, "if": "amount.over:10000", "steps": [WHY]}


def drafted(document: dict[str, Any], name: str = "Ask why we lost", by: Actor | None = None) -> Workflow:
    return actions.create(registry["workflow"], {"name": name, "draft": document}, by=by or actor("astrid"))


def workflow(
    document: dict[str, Any], name: str = "Ask why we lost", *, by: Actor | None = None, on: bool = True
) -> Workflow:
    """A published workflow, switched on unless said otherwise."""
    by = by or actor("astrid")
    made = do.publish(drafted(document, name, by), by=by)
    return do.switch_on(made, by=by) if on else made


def deal(name: str = "Cold-chain sensors", *, amount: int = 12_400, by: Actor | None = None, **more: Any) -> Any:
    install_defaults(by=system("cli"))
    by = by or actor("ines")
    return actions.create(registry["deal"], {"name": name, "amount": amount, "owner": by.user, **more}, by=by)


def lose(row: Any, by: Actor | None = None, reason: str = "Price") -> Any:
    return perform(ACTIONS["deal.lose"], row, {"reason": reason}, by=by or actor("ines"))


def edit(row: Any, values: dict[str, Any], by: Actor | None = None) -> Any:
    record = registry.by_model(type(row))
    return actions.edit(record, row, values, by=by or actor("ines"))


def work(names: tuple[str, ...] = ("automation.start", "automation.advance")) -> None:
    """Let the workers do what waits."""
    run_waiting_jobs(names=list(names))


def runs(made: Workflow) -> list[Run]:
    return list(Run.objects.filter(workflow=made).order_by("pk"))


def the_run(made: Workflow) -> Run:
    (run,) = runs(made)
    return run


def tasks(row: Any) -> list[Any]:
    return list(registry["activity"].model.objects.filter(deal=row, kind="task", archived_at=None).order_by("pk"))


__all__ = [
    "WHEN_LOST",
    "WHY",
    "deal",
    "drafted",
    "edit",
    "lose",
    "operation",
    "runs",
    "tasks",
    "the_run",
    "work",
    "workflow",
]
