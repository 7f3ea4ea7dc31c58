"""Whether a workflow could be published: every fault as one sentence that names the step."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from kith.automation.definition import Definition, read
from kith.automation.engine import lost_rights
from kith.automation.models import Workflow
from kith.automation.queries import definition_of
from kith.automation.steps import KINDS
from kith.automation.steps.base import Look, shape_faults
from kith.automation.triggers import filter_faults, trigger_faults
from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid
from kith.kernel.records.registry import registry
from kith.kernel.steps import every_step


def faults_of(document: Any, by: Actor, name: str = "") -> list[str]:
    """Everything that is wrong with a document, in the order in which people read it; [] when it can be published."""
    try:
        definition = read(document)
    except Invalid as problem:
        return [problem.message]
    return list(dict.fromkeys(_faults(definition, by, name)))


def _faults(definition: Definition, by: Actor, name: str) -> Iterator[str]:
    record = registry.get(definition.record)
    if definition.record and record is None:
        yield _("There is no type of record “%(name)s”; there are %(known)s.") % {
            "name": definition.record[:60], "known": ", ".join(r.name for r in registry if not r.settings)}  # fmt: skip
        return
    yield from trigger_faults(definition, by)
    if definition.condition and record is None:
        yield _("It has a condition and is about no type of record.")
    if record is not None:
        yield from filter_faults(record, definition.condition, by, _("Its condition"))
    if not definition.steps:
        yield _("It has no step yet.")
    shaped = True
    for number, step in every_step(definition.steps):
        for fault in shape_faults(step, Look(record, by, name)):
            shaped = shaped and step["do"] in KINDS
            yield _("Step %(n)s: %(fault)s") % {"n": number, "fault": fault}
    if shaped:
        yield from _cycles(definition, name)
        if right := lost_rights(definition, by):
            yield _("Your role does not include “%s”, which a step needs.") % right


def _enrols(definition: Definition) -> Iterator[tuple[str, str]]:
    for number, step in every_step(definition.steps):
        if step["do"] == "enrol" and isinstance(step.get("workflow"), str):
            yield number, step["workflow"]


def _cycles(definition: Definition, name: str) -> Iterator[str]:
    """Enrolments that lead back to this workflow, through however many others."""
    if not name:
        return
    rows = Workflow.objects.filter(archived_at=None, number__isnull=False).exclude(name__iexact=name)
    leads: dict[str, list[str]] = {}
    for pk, other, number in rows.values_list("pk", "name", "number"):
        found = definition_of(pk, number)
        leads[other.casefold()] = [target.casefold() for _n, target in _enrols(found)] if found else []
    for place, target in _enrols(definition):
        if _reaches(leads, target.casefold(), name.casefold()):
            yield _("Step %(n)s: enrolling in “%(other)s” leads back to this workflow.") % {
                "n": place,
                "other": target,
            }


def _reaches(leads: dict[str, list[str]], start: str, goal: str) -> bool:
    seen, todo = set(), [start]
    while todo:
        here = todo.pop()
        if here == goal:
            return True
        if here not in seen:
            seen.add(here)
            todo += leads.get(here, [])
    return False
