"""A rule as a form: whose columns it looks at, and the filter editor that lists have."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid
from kith.kernel.lookups.compile import compile_tree
from kith.kernel.lookups.look import Look, look_with
from kith.kernel.lookups.state import ListState
from kith.kernel.lookups.tree import Group, check_size, parse, to_text
from kith.kernel.records.registry import registry
from kith.process.definition.shape import OF, Rule
from kith.process.editor.words import of_choices
from kith.ui.pages.filteredit import edited, editor_context, with_a_line
from kith.ui.pages.filterform import tidied


def look_of(of: str, actor: Actor) -> Look:
    return look_with(registry[of if of in OF else OF[0]], actor, ListState())


class RuleForm:
    """The rule being edited: `of` (one of `looks`), its tree, the place that wants the focus, and what is wrong."""

    def __init__(self, actor: Actor, rule: Rule | None, looks: tuple[str, ...] = OF):
        self.actor, self.looks, self.focus, self.problem = actor, looks, "", ""
        self.of = rule.of if rule and rule.of in looks else looks[0]
        self.checked = False
        try:
            self.tree, _place = with_a_line(parse(rule.where) if rule else Group())
        except Invalid as problem:
            self.tree, self.problem = with_a_line(Group())[0], problem.message

    def take(self, post: QueryDict) -> None:
        """What was sent. A filter of other rows than before begins anew."""
        of = post.get("of", self.of)
        if of in self.looks and of != post.get("of-before", of):
            self.of, (self.tree, self.focus) = of, with_a_line(Group())
            return
        self.of = of if of in self.looks else self.of
        self.tree, self.focus = edited(look_of(self.of, self.actor), post)

    def rule(self) -> Rule | None:
        """The rule that it says, None for no condition. Raises Invalid where a condition cannot be used."""
        self.checked = True
        tidy = tidied(self.tree)
        check_size(tidy)
        if not tidy:
            return None
        for _condition, why in compile_tree(registry[self.of], tidy, self.actor).broken:
            raise Invalid(why)
        return Rule(self.of, to_text(tidy))

    def context(self) -> dict[str, Any]:
        return {
            "of": self.of, "ofs": of_choices(self.looks), "of_label": _("Look at"),
            **editor_context(look_of(self.of, self.actor), self.tree, self.focus, errors=self.checked),
        }  # fmt: skip
