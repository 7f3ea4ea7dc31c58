"""A workflow as a document: which type of record, when it starts, a condition, and steps; no database in sight.

    record: deal
    when: {event: deal.lost}
    if: amount.over:10000
    steps:
      - {do: wait, for: 3 days}
      - {do: write, kind: task, inputs: {subject: Ask why, owner: =owner}}

Leaves are text, whatever a program or a file wrote; kinds read them when they are used. The place of a run in its version
is one number (`kernel/steps.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from kith.kernel import steps
from kith.kernel.errors import Invalid
from kith.kernel.steps import every_step, halves

TOP = ("record", "when", "if", "steps")
MOST_STEPS, MOST_DEPTH, LONGEST = 60, 8, 20_000  # steps of a workflow, branches in branches, characters of one text


@dataclass(frozen=True)
class Definition:
    """The document, read. `record` is the name of a record type, or "" where a run is about no row."""

    record: str
    when: dict[str, Any]
    condition: str
    steps: tuple[dict[str, Any], ...]


def normal(data: Any) -> Any:
    """The same document with text as its leaves. Raises Invalid for what no document is made of."""
    return steps.normal(data, deepest=MOST_DEPTH, longest=LONGEST)


def read(document: Any) -> Definition:
    """The definition in a document, its shape checked. What it names is checked by `checking.faults`. Raises Invalid."""
    data = normal(document)
    if not isinstance(data, dict):
        raise Invalid(_("A workflow is an object with record, when, if and steps."), "draft")
    for key in data:
        if key not in TOP:
            raise Invalid(_("A workflow has no “%(key)s”; it has %(known)s.") % {
                "key": key[:60], "known": ", ".join(TOP)}, "draft")  # fmt: skip
    when, told = data.get("when") or {}, data.get("steps") or []
    if not isinstance(when, dict):
        raise Invalid(_("“when” says how it starts, like {event: deal.lost}."), "draft")
    for key in ("record", "if"):
        if not isinstance(data.get(key, ""), str):
            raise Invalid(_("“%s” is text.") % key, "draft")
    _check_steps(told, "")
    if sum(1 for _s in every_step(told)) > MOST_STEPS:
        raise Invalid(_("A workflow has at most %s steps; let it enrol in another one.") % MOST_STEPS, "draft")
    return Definition(data.get("record", ""), when, data.get("if", "").strip(), tuple(told))


def _check_steps(told: Any, above: str, depth: int = 0) -> None:
    if not isinstance(told, list):
        raise Invalid(_("“steps” is a list."), "draft")
    if depth > MOST_DEPTH:
        raise Invalid(_("Branches may be nested at most %s deep.") % MOST_DEPTH, "draft")
    for n, step in enumerate(told, 1):
        number = f"{above}{n}"
        if not isinstance(step, dict) or not isinstance(step.get("do"), str) or not step["do"]:
            raise Invalid(
                _("Step %s does not say what to do; write it like {do: wait, for: 3 days}.") % number, "draft"
            )
        for letter, half in halves(step):
            _check_steps(half, f"{number}{letter}.", depth + 1)
