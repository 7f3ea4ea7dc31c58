"""The draft of a workflow as a kind of value: text (YAML) for people, an object for programs."""

from __future__ import annotations

from typing import Any

import yaml
from django.utils.translation import gettext as __

from kith.automation.definition import LONGEST, TOP, every_step, normal, read
from kith.kernel.kinds import Kind
from kith.kernel.kinds.base import Operator
from kith.kernel.yamltext import read_yaml

MOST = 5 * LONGEST


class Document(Kind):
    """Its shape is checked here; what it names is checked when it is published, so that one can save on the way."""

    name, widget, sortable, blank = "workflow_document", "textarea", False, {}
    accepts = (dict, str)

    def parse(self, raw: Any, *, actor: Any = None) -> Any:
        if isinstance(raw, str):
            read = read_yaml(raw, most=MOST, texts=True, named=__("This workflow")) if raw.strip() else {}
            return self.clean(read)
        return self.clean(raw or {})

    def clean(self, value: Any) -> Any:
        data = normal(value)
        read(data)
        return data

    def edit(self, value: Any) -> str:
        return yaml.safe_dump(ordered(value), sort_keys=False, allow_unicode=True, width=100) if value else ""

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

    def export(self, value: Any) -> Any:
        return self.edit(value) or None

    def schema(self) -> dict[str, Any]:
        return {
            "type": ["object", "null"],
            "description": "record, when, if and steps, as the guide to workflows explains",
        }

    def ops(self) -> tuple[Operator, ...]:
        return ()


def ordered(document: dict[str, Any]) -> dict[str, Any]:
    """The document with its keys as people write them: the database does not keep their order."""
    out = {key: document[key] for key in TOP if key in document}
    return out | ({"steps": [_step(step) for step in out["steps"]]} if isinstance(out.get("steps"), list) else {})


def _step(step: dict[str, Any]) -> dict[str, Any]:
    first = {key: step[key] for key in ("do", "kind", "action", "if") if key in step}
    rest = {key: value for key, value in step.items() if key not in first and key not in ("then", "else")}
    return (
        first
        | rest
        | {key: [_step(each) for each in half] for key in ("then", "else") if isinstance(half := step.get(key), list)}
    )
