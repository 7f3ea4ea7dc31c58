"""What an answer is worth to a form that asks few things at a time: the points that score rules give by the field, and a place in
the checklist. The most valuable unknown one is asked first."""

from __future__ import annotations

from collections import Counter

from kith.capture.asking import register_worth
from kith.kernel.errors import Invalid
from kith.kernel.lookups.conditions import tree_of
from kith.kernel.organisation.models import cached
from kith.qualification.checklist.questions import criteria
from kith.qualification.scoring.rules import rules

A_QUESTION = 10  # points that an answer to a question of the checklist is worth, as much as a rule to begin with


def worth() -> dict[str, int]:
    """{column as forms name it: how much it is worth to know}; kept until rules or questions change."""
    found: dict[str, int] = cached("process.worth", _worth, ("score_rule", "criterion"))
    return found


def _worth() -> dict[str, int]:
    points: Counter[str] = Counter()
    for rule in rules():
        try:
            asked = {one.column for one in tree_of(rule.where).conditions()}
        except Invalid:  # a rule that cannot be read is named where the rules stand
            continue
        for column in asked:  # filters of people name what stands at their company by its key alone
            points[f"person.{column}"] += abs(rule.points)
            points[f"company.{column}"] += abs(rule.points)
    for one in criteria():
        if one.column:
            points[f"{one.on}.{one.column}"] += A_QUESTION
    return dict(points)


def join() -> None:
    """Called once at start-up."""
    register_worth(worth)
