"""What a stage does by itself, written as workflows: their documents and names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy

from kith.kernel.records.action import ACTIONS
from kith.process.definition.shape import Automation, Definition, Stage

MOMENT_WORDS = {
    "entry": gettext_lazy("on entry"), "exit": gettext_lazy("on leaving"), "overdue": gettext_lazy("when overdue"),
    "silent": gettext_lazy("when silent"),
}  # fmt: skip


@dataclass(frozen=True)
class Wanted:
    """One workflow as a version of a process asks for it."""

    stage: str
    name: str
    document: dict[str, Any]

    @property
    def kind(self) -> tuple[str, str, str]:
        return kind_of(self.stage, self.document)


def kind_of(stage: str, document: dict[str, Any]) -> tuple[str, str, str]:
    """(stage, moment, action): what stays the same when only the words of an automation change."""
    steps = document.get("steps") or [{}]
    return stage, str((document.get("when") or {}).get("moment", "")), str(steps[0].get("action", ""))


def wanted_by(process: int, definition: Definition) -> list[Wanted]:
    """The workflows of a definition, stage by stage."""
    return [wanted_of(process, definition, stage, one) for stage in definition.stages for one in stage.automations]


def wanted_of(process: int, definition: Definition, stage: Stage, automation: Automation) -> Wanted:
    action = ACTIONS.get(automation.do)
    said = automation.says or _first_words(automation) or (str(action.label) if action else automation.do)
    name = f"{stage.name}, {MOMENT_WORDS[automation.moment]}: {said}"[:120]
    document = {
        "record": "journey", "when": {"stage": stage.key, "moment": automation.moment},
        "if": f"process.is:{process}", "steps": [_step(definition, automation)],
    }  # fmt: skip
    return Wanted(stage.key, name, document)


def _first_words(automation: Automation) -> str:
    return automation.inputs.get("subject") or automation.inputs.get("body", "")


def _step(definition: Definition, automation: Automation) -> dict[str, Any]:
    """A journey's own verbs run on the journey, all others on its customer."""
    own = automation.do.startswith("journey.")
    step: dict[str, Any] = {"do": "action" if own else "customer", "action": automation.do}
    if automation.inputs:
        step["inputs"] = dict(automation.inputs)
    if definition.calendar and not own:
        step["calendar"] = definition.calendar
    return step
