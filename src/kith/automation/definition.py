"""A workflow as a document: which type of record, when it starts, a condition, and steps; no database in sight.

    record: deal
    when: {event: deal.lost}
    if: amount.over:10000
    steps:
      - {do: wait, for: 3 days}
      - {do: write, kind: task, inputs: {subject: Ask why, owner: =owner}}

Leaves are text, whatever a program or a file wrote; kinds read them when they are used. `program` lays the steps with
their branches in one line, so that the place of a run in its version is one number.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from kith.kernel.errors import Invalid
from kith.kernel.text import clean_text

TOP = ("record", "when", "if", "steps")
MOST_STEPS, MOST_DEPTH, LONGEST = 60, 8, 20_000  # steps of a workflow, branches in branches, characters of one text


@dataclass(frozen=True)
class Definition:
    """The document, read. `record` is the name of a record type, or "" where a run is about no row."""

    record: str
    when: dict[str, Any]
    condition: str
    steps: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class Instruction:
    """One place of the line. `number` is what people read ("3", "3a.1"). A branch goes to `target` when its condition is
    not met; with no step it is the end of a branch's first half, from where one goes to `target`."""

    number: str
    step: dict[str, Any] | None
    target: int = -1


def normal(data: Any, depth: int = 0) -> Any:
    """The same document with text as its leaves. Raises Invalid for what no document is made of."""
    if depth > 2 * MOST_DEPTH + 6:
        raise Invalid(_("This is nested too deep for a workflow."), "draft")
    if isinstance(data, dict):
        return {str(normal(k)): normal(v, depth + 1) for k, v in data.items()}
    if isinstance(data, list | tuple):
        return [normal(each, depth + 1) for each in data]
    if isinstance(data, bool):
        return "true" if data else "false"
    if data is None:
        return ""
    if isinstance(data, str | int | float):
        text = clean_text(str(data))
        if len(text) > LONGEST:
            raise Invalid(_("A text of a workflow has at most %s characters.") % f"{LONGEST:,}", "draft")
        return text
    raise Invalid(_("A workflow is made of texts, lists and objects."), "draft")


def read(document: Any) -> Definition:
    """The definition in a document, its shape checked. What it names is checked by `checking.faults`. Raises Invalid."""
    data = normal(document)
    if not isinstance(data, dict):
        raise Invalid(_("A workflow is an object with record, when, if and steps."), "draft")
    for key in data:
        if key not in TOP:
            raise Invalid(_("A workflow has no “%(key)s”; it has %(known)s.") % {
                "key": key[:60], "known": ", ".join(TOP)}, "draft")  # fmt: skip
    when, steps = data.get("when") or {}, data.get("steps") or []
    if not isinstance(when, dict):
        raise Invalid(_("“when” says how it starts, like {event: deal.lost}."), "draft")
    for key in ("record", "if"):
        if not isinstance(data.get(key, ""), str):
            raise Invalid(_("“%s” is text.") % key, "draft")
    _check_steps(steps, "")
    if sum(1 for _s in every_step(steps)) > MOST_STEPS:
        raise Invalid(_("A workflow has at most %s steps; let it enrol in another one.") % MOST_STEPS, "draft")
    return Definition(data.get("record", ""), when, data.get("if", "").strip(), tuple(steps))


def _check_steps(steps: Any, above: str, depth: int = 0) -> None:
    if not isinstance(steps, list):
        raise Invalid(_("“steps” is a list."), "draft")
    if depth > MOST_DEPTH:
        raise Invalid(_("Branches may be nested at most %s deep.") % MOST_DEPTH, "draft")
    for n, step in enumerate(steps, 1):
        number = f"{above}{n}"
        if not isinstance(step, dict) or not isinstance(step.get("do"), str) or not step["do"]:
            raise Invalid(
                _("Step %s does not say what to do; write it like {do: wait, for: 3 days}.") % number, "draft"
            )
        for letter, half in halves(step):
            _check_steps(half, f"{number}{letter}.", depth + 1)


def halves(step: dict[str, Any]) -> list[tuple[str, Any]]:
    """The steps under a branch: ("a", those when its condition is met), ("b", the others)."""
    return [(letter, step[key] or []) for letter, key in (("a", "then"), ("b", "else")) if key in step]


def every_step(steps: Any, above: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """(number, step) of all of them, in the order in which people read them."""
    for n, step in enumerate(steps, 1):
        number = f"{above}{n}"
        yield number, step
        for letter, half in halves(step):
            yield from every_step(half, f"{number}{letter}.")


def program(steps: Any, above: str = "", start: int = 0) -> list[Instruction]:
    """The steps in one line, branches with the places they lead to. `start` is the place of the first one."""
    line: list[Instruction] = []
    for n, step in enumerate(steps, 1):
        number, here = f"{above}{n}", start + len(line)
        if not halves(step):
            line.append(Instruction(number, step))
            continue
        met = program(step.get("then") or [], f"{number}a.", here + 1)
        other = program(step.get("else") or [], f"{number}b.", here + len(met) + 2)
        line.append(Instruction(number, step, here + len(met) + 2))
        line += [*met, Instruction(number, None, here + len(met) + 2 + len(other)), *other]
    return line
