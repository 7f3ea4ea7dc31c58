"""The draft of a workflow as a kind of value: text (YAML) for people, an object for programs."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as __

from kith.automation.definition import LONGEST, TOP, normal, read
from kith.kernel.configuration.references import turned, with_names, with_numbers
from kith.kernel.kinds.document import Document
from kith.kernel.steps import every_step

MOST = 5 * LONGEST
FILTERS = ("if", "becomes")  # keys whose text is a filter of the workflow's record


class WorkflowDraft(Document):
    """What it names is checked when it is published."""

    name, most = "workflow_document", MOST
    described = "record, when, if and steps, as the guide to workflows explains"

    def said(self) -> str:
        return __("This workflow")

    def checked(self, value: Any) -> Any:
        data = normal(value)
        read(data)
        return data

    def ordered(self, value: dict[str, Any]) -> dict[str, Any]:
        out = {key: value[key] for key in TOP if key in value}
        return out | ({"steps": [_step(step) for step in out["steps"]]} if isinstance(out.get("steps"), list) else {})

    def outward(self, value: Any) -> Any:
        record = value.get("record", "")
        return turned(self.ordered(value), FILTERS, lambda text: with_names(text, record))

    def inward(self, data: Any, *, actor: Any = None) -> Any:
        value = self.take(data, actor=actor)
        return turned(value, FILTERS, lambda text: with_numbers(text, value.get("record", ""), actor))

    def even(self, data: Any, *, actor: Any = None) -> Any:
        return self.ordered(self.take(data, actor=actor))

    def show(self, value: Any) -> str:
        """In a few words; the whole stands on its page in sentences."""
        if not value:
            return ""
        definition = read(value)
        start = ", ".join(f"{key} {said}" for key, said in definition.when.items()) or __("nothing")
        steps = ", ".join(f"{number} {step['do']}" for number, step in every_step(definition.steps)) or __("none")
        condition = __("; if %s") % definition.condition if definition.condition else ""
        return __("starts by %(start)s%(condition)s; steps: %(steps)s") % {
            "start": start, "condition": condition, "steps": steps}  # fmt: skip


def _step(step: dict[str, Any]) -> dict[str, Any]:
    first = {key: step[key] for key in ("do", "kind", "action", "if") if key in step}
    rest = {key: value for key, value in step.items() if key not in first and key not in ("then", "else")}
    return (
        first
        | rest
        | {key: [_step(each) for each in half] for key in ("then", "else") if isinstance(half := step.get(key), list)}
    )
