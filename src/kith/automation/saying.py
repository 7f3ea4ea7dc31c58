"""A workflow in sentences, for pages, the API and the command line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from kith.automation.definition import Definition, read
from kith.automation.steps import KINDS
from kith.automation.steps.base import Look
from kith.automation.triggers import say_filter, trigger_of
from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid
from kith.kernel.records.registry import registry
from kith.kernel.steps import every_step, halves


@dataclass(frozen=True)
class Line:
    """One sentence: `number` of the step ("" for how it starts), how deep it stands, and `join` before it ("then",
    "else") where a branch begins."""

    number: str
    depth: int
    words: str
    join: str = ""


def lines_of(document: Any, by: Actor) -> list[Line]:
    """How it starts, and a line for each step. What cannot be read is said as it is written."""
    try:
        definition = read(document)
    except Invalid as problem:
        return [Line("", 0, problem.message)]
    return [Line("", 0, _start(definition, by)), *_steps(definition.steps, definition, by, "", 0)]


def _start(definition: Definition, by: Actor) -> str:
    trigger = trigger_of(definition)
    try:
        words = trigger.say(by) if trigger is not None else _("It does not say what starts it")
    except Invalid as problem:
        words = problem.message
    record = registry.get(definition.record)
    return _("%(start)s and %(condition)s") % {
        "start": words, "condition": say_filter(record, definition.condition, by)
    } if definition.condition else words  # fmt: skip


def _steps(steps: Any, definition: Definition, by: Actor, above: str, depth: int) -> list[Line]:
    look, out = Look(registry.get(definition.record), by), []
    for n, step in enumerate(steps, 1):
        number = f"{above}{n}"
        out.append(Line(number, depth, _say(step, look)))
        for letter, half in halves(step):
            inner = _steps(half, definition, by, f"{number}{letter}.", depth + 1)
            join = _("then") if letter == "a" else _("else")
            out += [Line(one.number, one.depth, one.words, join if i == 0 else one.join) for i, one in enumerate(inner)]
    return out


def _say(step: dict[str, Any], look: Look) -> str:
    kind = KINDS.get(step["do"])
    if kind is None:
        return _("“%s”, which is no step") % step["do"]
    try:
        return kind.say(step, look)
    except (Invalid, AttributeError, TypeError):  # a step that does not pass its check yet
        return str(kind.label)


def sentences(document: Any, by: Actor) -> list[str]:
    """["When a deal is lost and amount over 10,000:", "1. wait 3 days", "2. write: task (what Ask why)"]"""
    first, *rest = lines_of(document, by)
    out = [first.words + (":" if rest else ".")]
    return out + [f"{'  ' * one.depth}{one.number}. {one.join + ': ' if one.join else ''}{one.words}" for one in rest]


def in_one(document: Any, by: Actor) -> str:
    """The whole workflow as one sentence."""
    first, *rest = lines_of(document, by)
    if not rest:
        return f"{first.words}."
    words = rest[0].words
    for one in rest[1:]:
        words += (_(", else ") if one.join == _("else") else ", " if one.join else _(", then ")) + one.words
    return f"{first.words}: {words}."


def difference(old: Any, new: Any, by: Actor) -> list[tuple[str, str]]:
    """("-" | "+" | " ", sentence) of what became of a version's sentences in another."""
    import difflib

    before, after = (sentences(document, by) if document else [] for document in (old, new))
    told = difflib.ndiff(before, after)
    return [(line[0], line[2:]) for line in told if line[0] in "-+ "]


def steps_count(document: Any) -> int:
    try:
        return sum(1 for _s in every_step(read(document).steps))
    except Invalid:
        return 0
