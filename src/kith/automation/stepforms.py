"""Forms of steps, made from what each kind asks for. What is read from one is a step of the document, nothing else."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from kith.automation.steps.base import Asked, Look, Step, StepKind
from kith.kernel.errors import Invalid
from kith.ui.forms import tidy


def fields_of(kind: StepKind, step: Step, look: Look) -> list[dict[str, Any]]:
    """What templates draw: one entry for each thing asked, with the value it has now."""
    out = [_field(asked, step, look) for asked in kind.asks]
    return out + _inputs(kind, step, look) + _values(kind, step, look)


def _field(asked: Asked, step: Step, look: Look) -> dict[str, Any]:
    value = step.get(asked.key, "")
    if isinstance(value, list):
        value = ", ".join(str(each) for each in value)
    choices = list(asked.choices(look)) if asked.choices is not None else []
    if value and choices and value not in {key for key, _label in choices}:
        choices.append((value, value))  # what is gone stays visible
    return {
        "name": asked.key, "label": str(asked.label), "type": asked.type, "value": value, "hint": str(asked.hint),
        "choices": choices, "checked": str(value) in ("true", "1", "on"),
    }  # fmt: skip


def _inputs(kind: StepKind, step: Step, look: Look) -> list[dict[str, Any]]:
    """The inputs of the action that a step runs, once it is chosen."""
    given = step.get("inputs") if isinstance(step.get("inputs"), dict) else {}
    act = kind.acts(step, look)
    return [
        {"name": f"inputs.{one.key}", "label": one.label, "type": "textarea" if one.kind.widget == "textarea" else "text",
         "value": (given or {}).get(one.key, ""), "hint": _("needed") if one.required else "", "choices": _known(one.kind),
         "checked": False}
        for one in _in_order(act) if not one.given
    ]  # fmt: skip


def _in_order(act: Any) -> list[Any]:
    """Long texts last, as the composer has them."""
    return sorted(act.inputs, key=lambda one: one.kind.widget == "textarea") if act is not None else []


def _known(kind: Any) -> list[str]:
    """Values to offer beside what may be typed."""
    options = getattr(kind, "options", None)
    return [str(label) for label in options.values()][:30] if isinstance(options, dict) else []


def _values(kind: StepKind, step: Step, look: Look) -> list[dict[str, Any]]:
    """A line for each column that is set, and an empty one."""
    if "values" not in kind.keys or look.record is None:
        return []
    columns = [("", _("Choose a field")), *((k, c.label) for k, c in look.record.writable(look.by).items())]
    given = step.get("values") if isinstance(step.get("values"), dict) else {}
    return [
        {"name": f"set.{n}", "label": _("Field"), "type": "pair", "value": value, "key": key, "choices": columns, "hint": "", "checked": False}
        for n, (key, value) in enumerate([*(given or {}).items(), ("", "")])
    ]  # fmt: skip


def read_step(kind: StepKind, before: Step, post: Any, look: Look) -> Step:
    """The step that a form says; keys it does not ask for stay as they were. Raises Invalid."""
    step: Step = {**before, "do": kind.name}
    for asked in kind.asks:
        text = tidy(post.get(asked.key)).strip()
        if asked.type == "switch":
            step[asked.key] = "true" if text else ""
        else:
            step[asked.key] = [each.strip() for each in text.split(",") if each.strip()] if asked.many else text
        if not step[asked.key]:
            del step[asked.key]
    if (act := kind.acts(step, look)) is not None:
        step["inputs"] = {i.key: text for i in act.inputs if (text := tidy(post.get(f"inputs.{i.key}")).strip())}
    if "values" in kind.keys:
        step["values"] = _pairs(post)
    return step


def _pairs(post: Any) -> dict[str, str]:
    out: dict[str, str] = {}
    for name in post:
        if name.startswith("set.") and name.endswith(".key") and (key := tidy(post.get(name)).strip()):
            if key in out:
                raise Invalid(_("“%s” is set twice.") % key)
            out[key] = tidy(post.get(name.removesuffix("key") + "value")).strip()
    return out
