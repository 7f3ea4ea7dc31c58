"""Where a run goes: branch on a filter, stop, enrol the row in another workflow or take it out of one."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kith.automation.steps.base import Asked, Done, Going, Goto, Look, Step, StepKind, words_of
from kith.automation.triggers import filter_faults, say_filter
from kith.kernel.errors import Invalid
from kith.kernel.lookups.compile import filtered
from kith.kernel.lookups.tree import parse


class Branch(StepKind):
    name, label = "branch", gettext_lazy("Branch")
    keys, required = ("if", "then", "else"), ("if",)
    filters = "if"

    def faults(self, step: Step, look: Look) -> Iterator[str]:
        if "then" not in step and "else" not in step:
            yield _("say what happens then, or else.")
        try:
            yield from filter_faults(look.record, words_of(step, "if"), look.by, _("Its condition"))
        except Invalid as problem:
            yield problem.message

    def say(self, step: Step, look: Look) -> str:
        return _("if %s") % say_filter(look.record, words_of(step, "if"), look.by)

    def run(self, step: Step, going: Going) -> Goto:
        rows = going.record.rows(going.by).filter(pk=going.row.pk)
        met = filtered(going.record, parse(words_of(step, "if")), going.by, rows).exists()
        return Goto(met, _("yes") if met else _("no"))


class Stop(StepKind):
    name, label, about_row = "stop", gettext_lazy("Stop here"), False

    def say(self, step: Step, look: Look) -> str:
        return _("stop")

    def run(self, step: Step, going: Going) -> Goto:
        return Goto(end=True)


class _Another(StepKind):
    keys, required = ("workflow",), ("workflow",)
    asks = (Asked("workflow", gettext_lazy("Workflow"), "select", choices=lambda look: _others(look)),)

    def faults(self, step: Step, look: Look) -> Iterator[str]:
        from kith.automation.queries import published, workflow_named

        try:
            name = words_of(step, "workflow")
        except Invalid as problem:
            yield problem.message
            return
        other = workflow_named(name)
        if other is None:
            yield _("there is no workflow “%s”.") % name
        elif name != look.name and (definition := published(other)) is None:
            yield _("the workflow “%s” was never published.") % name
        elif name != look.name and definition and definition.record != look.record.name:
            yield _("the workflow “%(name)s” is about another type of record.") % {"name": name}


def _others(look: Look) -> list[tuple[str, str]]:
    from kith.automation.models import Workflow

    names = (
        Workflow.objects.filter(archived_at=None, number__isnull=False).values_list("name", flat=True).order_by("name")
    )
    return [(name, name) for name in names if name != look.name]


class Enrol(_Another):
    """Starts the other workflow on this row at its first step; its own trigger and condition are not asked."""

    name, label = "enrol", gettext_lazy("Enrol in another workflow")

    def say(self, step: Step, look: Look) -> str:
        return _("enrol it in “%s”") % step.get("workflow")

    def run(self, step: Step, going: Going) -> Done:
        from kith.automation.starting import enrol

        return Done(enrol(going, words_of(step, "workflow")))


class Leave(_Another):
    """Cancels runs of the other workflow on this row that have not ended."""

    name, label = "leave", gettext_lazy("Leave another workflow")

    def say(self, step: Step, look: Look) -> str:
        return _("take it out of “%s”") % step.get("workflow")

    def run(self, step: Step, going: Going) -> Done:
        from kith.automation.starting import leave

        return Done(leave(going, words_of(step, "workflow")))

    def reaches_runs(self, record: str) -> bool:
        return True
