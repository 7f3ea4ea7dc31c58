"""Steps with branches as a document: what workflows and sequences are made of; no database in sight.

    - {do: wait, for: 3 days}
    - {do: branch, if: "amount.over:10000", then: [{do: stop}], else: []}

Leaves are text, whatever a program or a file wrote; whoever uses them reads them. `program` lays the steps with their
branches in one line, so that a place is one number and one only ever goes forward in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from kith.kernel.errors import Invalid
from kith.kernel.text import clean_text

BRANCH = "branch"
Step = dict[str, Any]


@dataclass(frozen=True)
class Instruction:
    """One place of the line. `number` is what people read ("3", "3a.1"). A branch goes to `target` when its condition is
    not met; with no step it is the end of a branch's first half, from where one goes to `target`."""

    number: str
    step: Step | None
    target: int = -1


def normal(data: Any, *, deepest: int, longest: int, field: str = "draft", depth: int = 0) -> Any:
    """The same document with text as its leaves: branches at most `deepest` deep, texts of `longest` characters.
    Raises Invalid for what no document is made of."""

    def under(each: Any) -> Any:
        return normal(each, deepest=deepest, longest=longest, field=field, depth=depth + 1)

    if depth > 2 * deepest + 6:
        raise Invalid(_("This is nested too deep; branches may be nested at most %s deep.") % deepest, field)
    if isinstance(data, dict):
        return {str(under(key)): under(each) for key, each in data.items()}
    if isinstance(data, list | tuple):
        return [under(each) for each in data]
    if isinstance(data, bool):
        return "true" if data else "false"
    if data is not None and not isinstance(data, str | int | float):
        raise Invalid(_("Steps are made of texts, lists and objects."), field)
    text = clean_text("" if data is None else str(data))
    if len(text) > longest:
        raise Invalid(_("A text in steps has at most %s characters.") % f"{longest:,}", field)
    return text


def halves(step: Step) -> list[tuple[str, Any]]:
    """The steps under a branch: ("a", those when its condition is met), ("b", the others); none under any other step."""
    if step.get("do") != BRANCH and "then" not in step and "else" not in step:
        return []
    return [(letter, step.get(key) or []) for letter, key in (("a", "then"), ("b", "else"))]


def every_step(steps: Any, above: str = "") -> Iterator[tuple[str, Step]]:
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
        under = dict(halves(step))
        if not under:
            line.append(Instruction(number, step))
            continue
        met = program(under["a"], f"{number}a.", here + 1)
        other = program(under["b"], f"{number}b.", here + len(met) + 2)
        line.append(Instruction(number, step, here + len(met) + 2))
        line += [*met, Instruction(number, None, here + len(met) + 2 + len(other)), *other]
    return line


def standing(line: list[Instruction], place: int) -> int:
    """The place whose step comes next for whoever stands at `place`: ends of first halves are walked through."""
    while place < len(line) and line[place].step is None:
        place = line[place].target
    return place
