"""What keeps a sequence from being published, in sentences: templates that are not there, filters that cannot be used."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from kith.engagement.definition import read
from kith.engagement.queries import template_of
from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid
from kith.kernel.lookups.compile import compile_tree
from kith.kernel.lookups.tree import parse
from kith.kernel.records.registry import registry
from kith.kernel.steps import Step, every_step


def faults_of(document: Any, by: Actor) -> list[str]:
    """One sentence for each fault, none when it can be published."""
    try:
        definition = read(document)
    except Invalid as problem:
        return [problem.message]
    if not definition.steps:
        return [_("Say at least one step.")]
    goal = [_("The goal: %s") % why for why in _filter_faults(definition.goal, by)] if definition.goal else []
    return goal + [
        _("Step %(n)s: %(fault)s") % {"n": number, "fault": fault}
        for number, step in every_step(definition.steps) for fault in step_faults(step, by)
    ]  # fmt: skip


def step_faults(step: Step, by: Actor) -> Iterator[str]:
    """What is wrong with one step by itself."""
    if step["do"] == "mail":
        if not step.get("template"):
            yield _("choose the template it writes.")
        for ref in filter(None, (step.get("template"), step.get("other"))):
            try:
                template = template_of(ref)
            except Invalid as problem:
                yield problem.message
                continue
            if not template.subject.strip():
                yield _("the template “%s” has no subject.") % template.name
    elif step["do"] == "wait" and not step.get("for"):
        yield _("say how long it waits, like 3 business days.")
    elif step["do"] in ("call", "task") and not step.get("subject"):
        yield _("say in a few words what is to be done.")
    elif step["do"] == "branch":
        yield from _filter_faults(step.get("if", ""), by)


def _filter_faults(text: str, by: Actor) -> Iterator[str]:
    """Why this filter on people cannot be asked, or that it says nothing."""
    try:
        tree = parse(text)
        broken = compile_tree(registry["person"], tree, by).broken
    except Invalid as problem:
        yield problem.message
        return
    if next(tree.conditions(), None) is None:
        yield _("say what must hold.")
    for _condition, why in broken:
        yield why
