"""Which rule fires for a person, and whom it chooses. The tester and the decision ask the same function."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from kith.kernel.access.actor import system
from kith.kernel.accounts.models import User
from kith.kernel.errors import Invalid
from kith.kernel.lookups.compile import filtered
from kith.kernel.lookups.conditions import tree_of
from kith.kernel.organisation.models import cached
from kith.kernel.records.registry import registry
from kith.kernel.turns import next_one
from kith.qualification.assigning.candidates import Candidates, Roster
from kith.qualification.models import AssignmentRule


@dataclass
class Choice:
    """What the rules say about one person. `rule` None: no rule gives them to anybody."""

    rule: AssignmentRule | None = None
    user: User | None = None
    why: str = ""
    candidates: Candidates = field(default_factory=Candidates)
    passed: list[dict[str, Any]] = field(default_factory=list)


def rules() -> list[AssignmentRule]:
    """The rules in use, in order; read once per configuration stamp."""
    found: list[AssignmentRule] = cached("assignment_rules", _rules)
    return found


def _rules() -> list[AssignmentRule]:
    rows = AssignmentRule.objects.filter(active=True, archived_at=None).order_by("position", "id")
    return list(rows.select_related("user", "team", "pool", "otherwise", "escalate_to"))


def choose(person: int, now: dt.datetime, *, leaving_out: frozenset[int] = frozenset()) -> Choice:
    """What the rules say about one person at that moment. Writes nothing."""
    return Choosing([person], now).of(person, leaving_out)


class Choosing:
    """The rules asked for several people at one moment, each rule once for all of them.

    roster: who can take leads, where that is not asked of now; asked: the rules, where they are not those in use.
    """

    def __init__(
        self,
        people: Collection[int],
        now: dt.datetime,
        roster: Roster | None = None,
        asked: list[AssignmentRule] | None = None,
    ):
        self.people, self.roster = people, roster or Roster(now)
        self.rules = rules() if asked is None else asked
        self._fitting: dict[int, set[int] | str] = {}  # by rule: whom it fits, or why it cannot be asked

    def of(self, person: int, leaving_out: frozenset[int] = frozenset()) -> Choice:
        """Go through the rules in order; the first that fits and has somebody who can take it gives the person to them.

        leaving_out: colleagues who had their turn with this person.
        """
        made = Choice()
        for rule in self.rules:
            if why := self._misfit(rule, person):
                made.passed.append({"rule": rule.name, "why": why})
                continue
            found = self.roster.candidates(rule)
            for pk in leaving_out & found.shares.keys():
                del found.shares[pk]
                found.told = [c for c in found.told if c["user"] != pk]
                found.skip(found.users[pk], _("had it before"))
            user, how = self._taker(rule, found, leaving_out)
            if user is None:
                why = _("it fits, but nobody of it can take it")
                made.passed.append({"rule": rule.name, "why": why, "who": found.told})
                continue
            made.rule, made.user, made.why, made.candidates = rule, user, how, found
            return made
        made.why = _("No rule gives this lead to anybody.") if self.rules else _("There are no assignment rules yet.")
        return made

    def _misfit(self, rule: AssignmentRule, person: int) -> str:
        """Why the rule does not fire for a person; "" when it does."""
        if not rule.where:
            return ""
        if rule.pk not in self._fitting:
            self._fitting[rule.pk] = _fitting(rule, self.people)
        found = self._fitting[rule.pk]
        if isinstance(found, str):
            return _("it cannot be asked: %s") % found
        return "" if person in found else _("the filter does not fit")

    def _taker(self, rule: AssignmentRule, found: Candidates, leaving_out: frozenset[int]) -> tuple[User | None, str]:
        if found.shares:
            if not found.basket:
                return rule.user, _("the rule names them")
            return found.users[next_one(found.shares, self.roster.credits(found.basket))], _("it is their turn")
        spare = rule.otherwise
        if spare is None or not spare.is_active or spare.pk in leaving_out or self.roster.is_away(spare):
            return None, ""
        return spare, _("nobody else of the rule can take it")


def _fitting(rule: AssignmentRule, people: Collection[int]) -> set[int] | str:
    """Those of the people whom a rule's filter fits, or why it cannot be asked."""
    record = registry["person"]
    try:
        rows = filtered(record, tree_of(rule.where), system(), record.rows(system()))
    except Invalid as problem:
        return problem.message
    return set(rows.filter(pk__in=people).values_list("pk", flat=True))
