"""A sequence as a document: when its mails may leave, what it is to bring about, and its steps; no database in sight.

    window: Mon-Fri 09:00-17:00
    goal: customer_since.filled
    steps:
      - {do: mail, template: Welcome, other: Welcome in short}
      - {do: wait, for: 3 business days}
      - {do: branch, if: "job_title.has:director", then: [{do: call, subject: Ask who decides}], else: []}

Leaves are text. Somebody's place is one number, and one only ever goes forward (`kernel/steps.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from kith.kernel import steps
from kith.kernel.calendars.span import parse_span
from kith.kernel.calendars.windows import read_week
from kith.kernel.errors import Invalid
from kith.kernel.steps import Step, every_step, halves

WINDOW = "Mon-Fri 09:00-17:00"
TOP = ("window", "goal", "steps")
KEYS: dict[str, tuple[str, ...]] = {
    "mail": ("template", "other"), "wait": ("for",), "call": ("subject", "body", "within"), "task": ("subject", "body", "within"),
    "branch": ("if", "then", "else"),
}  # fmt: skip
MOST_STEPS, MOST_DEPTH, LONGEST = 40, 4, 5_000


@dataclass(frozen=True)
class Definition:
    """The document, read. `goal` is a filter on the person, "" for none: whoever meets it is done with the sequence."""

    window: str
    goal: str
    steps: tuple[Step, ...]


def normal(data: Any) -> Any:
    """The same document with text as its leaves. Raises Invalid for what no document is made of."""
    return steps.normal(data, deepest=MOST_DEPTH, longest=LONGEST)


def read(document: Any) -> Definition:
    """The definition in a document, its shape checked. Raises Invalid."""
    data = normal(document)
    if not isinstance(data, dict) or not {*data} <= {*TOP}:
        raise Invalid(_("A sequence is an object with window, goal and steps, and nothing else."), "draft")
    window, goal, told = data.get("window") or WINDOW, data.get("goal") or "", data.get("steps") or []
    if not isinstance(window, str):
        raise Invalid(_("“window” is text, like %s.") % WINDOW, "draft")
    if not read_week(window):
        raise Invalid(_("No mail could ever leave; say on which days and hours, like %s.") % WINDOW, "draft")
    if not isinstance(goal, str):
        raise Invalid(_("“goal” is a filter as text, like job_title.has:director."), "draft")
    _check_steps(told, "")
    if sum(1 for _each in every_step(told)) > MOST_STEPS:
        raise Invalid(_("A sequence has at most %s steps.") % MOST_STEPS, "draft")
    return Definition(window, goal.strip(), tuple(told))


def _check_steps(told: Any, above: str, depth: int = 0) -> None:
    if not isinstance(told, list):
        raise Invalid(_("“steps” is a list."), "draft")
    if depth > MOST_DEPTH:
        raise Invalid(_("Branches may be nested at most %s deep.") % MOST_DEPTH, "draft")
    for n, step in enumerate(told, 1):
        number = f"{above}{n}"
        kind = step.get("do") if isinstance(step, dict) else None
        if not isinstance(kind, str) or kind not in KEYS:
            raise Invalid(_("Step %(n)s does not say what to do; it is one of %(known)s.") % {
                "n": number, "known": ", ".join(KEYS)}, "draft")  # fmt: skip
        for key, value in step.items():
            if key not in ("do", *KEYS[kind]) or not isinstance(value, list if key in ("then", "else") else str):
                raise Invalid(_("Step %(n)s has “%(key)s”, which a %(kind)s does not take; it takes %(known)s.") % {
                    "n": number, "key": key[:60], "kind": kind, "known": ", ".join(KEYS[kind])}, "draft")  # fmt: skip
        for key in ("for", "within"):
            if step.get(key):
                parse_span(step[key])
        for letter, half in halves(step):
            _check_steps(half, f"{number}{letter}.", depth + 1)


def ordered(document: dict[str, Any]) -> dict[str, Any]:
    """The document with its keys as people write them: the database does not keep their order."""
    out = {key: document[key] for key in TOP if key in document}
    return out | ({"steps": [_in_order(step) for step in out["steps"]]} if isinstance(out.get("steps"), list) else {})


def _in_order(step: Step) -> Step:
    keys = ("do", *KEYS[step["do"]])
    return {k: [_in_order(s) for s in step[k]] if isinstance(step[k], list) else step[k] for k in keys if k in step}
