"""Which rule fires for a person, and whom it chooses. The tester and the decision ask the same function."""

from __future__ import annotations

import datetime as dt
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
from kith.qualification.assigning.candidates import Candidates, absent, candidates, credits
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
    """Go through the rules in order; the first that fits and has somebody who can take it gives the person to them.

    leaving_out: colleagues who had their turn with this person. Writes nothing.
    """
    made = Choice()
    for rule in rules():
        why = misfit(rule, person)
        if why:
            made.passed.append({"rule": rule.name, "why": why})
            continue
        found = candidates(rule, now)
        for pk in leaving_out & found.shares.keys():
            del found.shares[pk]
            found.told = [c for c in found.told if c["user"] != pk]
            found.skip(found.users[pk], _("had it before"))
        user, how = _taker(rule, found, now, leaving_out)
        if user is None:
            made.passed.append(
                {"rule": rule.name, "why": _("it fits, but nobody of it can take it"), "who": found.told}
            )
            continue
        made.rule, made.user, made.why, made.candidates = rule, user, how, found
        return made
    made.why = _("No rule gives this lead to anybody.") if rules() else _("There are no assignment rules yet.")
    return made


def misfit(rule: AssignmentRule, person: int) -> str:
    """Why the rule does not fire for a person; "" when it does."""
    if not rule.where:
        return ""
    record = registry["person"]
    try:
        rows = filtered(record, tree_of(rule.where), system(), record.rows(system()))
    except Invalid as problem:
        return _("it cannot be asked: %s") % problem.message
    return "" if rows.filter(pk=person).exists() else _("the filter does not fit")


def _taker(
    rule: AssignmentRule, found: Candidates, now: dt.datetime, leaving_out: frozenset[int]
) -> tuple[User | None, str]:
    if found.shares:
        if not found.basket:
            return rule.user, _("the rule names them")
        return found.users[next_one(found.shares, credits(found.basket))], _("it is their turn")
    spare = rule.otherwise
    if spare is None or not spare.is_active or spare.pk in leaving_out or spare.pk in absent([spare.pk], now):
        return None, ""
    return spare, _("nobody else of the rule can take it")
