"""Rules kept as configuration: a filter of one record type in its text form, and something that happens.

Rooms whose rules give points (scores of leads, health of customers), choose (assignment, tiers) or watch use these kinds.
"""

from __future__ import annotations

import re
from typing import Any

from django.utils.translation import gettext_lazy as _

from kith.kernel.access.actor import Actor, system
from kith.kernel.errors import Invalid
from kith.kernel.kinds import Choice, Operator
from kith.kernel.kinds.text import LongText
from kith.kernel.lookups.compile import compile_tree, say_tree
from kith.kernel.lookups.tree import Group, parse, to_text
from kith.kernel.records.registry import registry
from kith.kernel.timeline.types import EVENTS

MOST = 10_000


class Conditions(LongText):
    """A filter of one record type in its text form: "country.is:DE|AT,company.filled". Shown as a sentence."""

    name, label, sortable, customisable = "conditions", _("Filter"), False, False

    def __init__(self, record: str = "person") -> None:
        super().__init__(MOST)
        self.record = record

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        if text:
            usable(parse(text), self.record)
        return text

    def outward(self, value: Any) -> Any:
        from kith.kernel.configuration.references import with_names

        return with_names(value or "", self.record)

    def inward(self, data: Any, *, actor: Any = None) -> Any:
        from kith.kernel.configuration.references import with_numbers

        text: str = super().take(with_numbers(data, self.record, actor) if isinstance(data, str) else data, actor=actor)
        return text

    def even(self, data: Any, *, actor: Any = None) -> Any:
        return to_text(parse(data)) if isinstance(data, str) else super().even(data, actor=actor)

    def operand(self, op: Operator, raw: Any, *, actor: Any = None) -> Any:
        """What lists compare with is any piece of text, not a whole filter."""
        return LongText().operand(op, raw, actor=actor)

    def _say_one(self, raw: Any, actor: Any) -> str:
        return str(raw)

    def show(self, value: Any) -> str:
        return say(value, system(), self.record)


def usable(tree: Group, record: str = "person") -> Group:
    """The tree, or Invalid naming the first condition that cannot be used."""
    broken = compile_tree(registry[record], tree, system()).broken
    if broken:
        raise Invalid(broken[0][1], "where")
    return tree


def tree_of(text: str) -> Group:
    """The tree that a rule keeps. Raises Invalid where it cannot be read."""
    return parse(text or "")


def say(text: str, actor: Actor, record: str = "person") -> str:
    """The filter as a sentence; "" for one that fits everybody."""
    try:
        return say_tree(registry[record], parse(text or ""), actor)
    except Invalid as problem:
        return problem.message


class Happening(Choice):
    """The verb of an event: "person.captured", "activity.called"."""

    name, customisable = "happening", False

    def __init__(self) -> None:
        super().__init__(happenings)


def happenings() -> dict[str, Any]:
    """{verb: words} of what may be told of people and companies, in the order of the words."""
    told = {verb: f"{words_of(verb)} ({verb})" for verb in EVENTS if _of_people(verb)}
    return dict(sorted(told.items(), key=lambda one: one[1]))


def words_of(verb: str) -> str:
    """What happens, in words without the values of one time: "called", "came to us"."""
    kind = EVENTS.get(verb)
    words = str(kind.sentence) if kind is not None else verb
    return re.split(r"[:,]?(?: (?:through|to|from|on|at|in|of))? *[“”]?\{", words)[0].strip(" :,“") or verb


def _of_people(verb: str) -> bool:
    return not verb.startswith(("user.", "process.", "review.", "workflow.", "business_calendar.", "settings."))
