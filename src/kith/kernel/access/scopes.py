"""Row scopes: which rows an actor may see or change, as one condition per record type.

Scopes give conditions on the row itself or subqueries, never joins: a joined condition multiplies rows, or matches
across different related rows.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from kith.kernel.access.actor import Actor, Customer

NONE = Q(pk__in=[])
Rule = Callable[[Any, Actor, str, str], Q]


@dataclass(frozen=True)
class Theirs:
    """What customers who came in read of a record type: rows that name them, and, where the organisation allows it, those that name
    their company. A type declares it as `customers`; one that does not shows them nothing."""

    person: str = "person"
    company: str = "company"

    def q(self, customer: Customer) -> Q:
        own = Q(**{f"{self.person}_id": customer.person})
        shared = customer.shares and customer.company is not None
        return own | Q(**{f"{self.company}_id": customer.company}) if shared else own


def _of_customers(rule: Rule) -> Rule:
    """A scope's rule as it holds for everybody: colleagues by the scope, customers by what the record type declares as theirs,
    whatever the scope says."""

    @wraps(rule)
    def q(self: Any, actor: Actor, record: str, verb: str) -> Q:
        return rule(self, actor, record, verb) if actor.customer is None else _theirs(actor.customer, record, verb)

    return q


def _theirs(customer: Customer, record: str, verb: str) -> Q:
    from kith.kernel.records.registry import registry

    declared = registry[record].customers if record in registry else None
    if declared is None or verb != "see" or record in customer.hides:
        return NONE
    return declared.q(customer)


class Scope:
    """One record type's rule. `q` gives the condition, `explain` the reason in words for one row. Customers meet none of these
    rules (`Theirs`), so that no scope can forget them."""

    def __init_subclass__(cls) -> None:
        if "q" in cls.__dict__:
            cls.q = _of_customers(cls.__dict__["q"])  # type: ignore[method-assign, assignment]

    def q(self, actor: Actor, record: str, verb: str) -> Q:
        raise NotImplementedError

    def reaches(self, actor: Actor, record: str, verb: str, owners: Collection[int]) -> bool:
        """Is every row that these colleagues own within the actor's reach, so that sums kept by owner tell no more than
        the rows would? False where that is not plain."""
        return self.q(actor, record, verb) == Q()

    def explain(self, actor: Actor, record: str, row: Any) -> list[str]:
        return []


class _Nobody(Scope):
    def q(self, actor: Actor, record: str, verb: str) -> Q:
        return NONE


nobody = _Nobody()


@dataclass(frozen=True)
class ByOwner(Scope):
    """Rows by the owner and team columns, at the level the actor's role has for the verb."""

    owner: str = "owner"
    team: str = "team"

    def q(self, actor: Actor, record: str, verb: str) -> Q:
        level = actor.level(record, verb)
        if level == "all":
            return Q()
        if level == "none" or actor.user_id is None:
            return NONE
        own = Q(**{f"{self.owner}_id": actor.user_id})
        if level == "own":
            return own
        return own | Q(**{f"{self.team}_id__in": actor.team_ids}) | Q(**{f"{self.owner}_id__in": actor.teammate_ids})

    def reaches(self, actor: Actor, record: str, verb: str, owners: Collection[int]) -> bool:
        level = actor.level(record, verb)
        if level == "all":
            return True
        if level == "none" or actor.user_id is None:
            return False
        return {*owners} <= ({actor.user_id} | ({*actor.teammate_ids} if level == "team" else set()))

    def explain(self, actor: Actor, record: str, row: Any) -> list[str]:
        level = actor.level(record, "see")
        role = actor.role.replace("_", "-")
        if level == "all":
            return [_("Your role, %(role)s, sees every row of this kind.") % {"role": role}]
        reasons = []
        owner, team = getattr(row, f"{self.owner}_id"), getattr(row, f"{self.team}_id")
        if owner == actor.user_id:
            reasons.append(_("You look after it."))
        if level == "team" and team in actor.team_ids:
            reasons.append(_("It belongs to your team, %(team)s.") % {"team": getattr(row, self.team)})
        if level == "team" and owner in actor.teammate_ids and owner != actor.user_id:
            reasons.append(_("%(owner)s, who looks after it, is in your team.") % {"owner": getattr(row, self.owner)})
        return reasons


@dataclass(frozen=True)
class Through(Scope):
    """Rows that follow another row: line items follow their deal."""

    field: str
    record: str

    def q(self, actor: Actor, record: str, verb: str) -> Q:
        from kith.kernel.records.registry import registry

        parent = registry[self.record]
        verb = "edit" if verb == "archive" else verb
        if parent.scope.q(actor, parent.name, verb) == Q():
            return Q()
        return Q(**{f"{self.field}__in": parent.rows(actor, verb).values("pk")})

    def explain(self, actor: Actor, record: str, row: Any) -> list[str]:
        from kith.kernel.records.registry import registry

        parent = registry[self.record]
        return [_("You may see the %(what)s it belongs to.") % {"what": parent.label.lower()}]


class _Configuration(Scope):
    """Configuration rows: everybody inside reads them, only those who manage settings change them."""

    def q(self, actor: Actor, record: str, verb: str) -> Q:
        return Q() if verb == "see" or actor.can("settings.manage") else NONE

    def explain(self, actor: Actor, record: str, row: Any) -> list[str]:
        return [_("Everybody who signs in sees this.")]


configuration = _Configuration()


def by_owner(owner: str = "owner", team: str = "team") -> Scope:
    return ByOwner(owner, team)


def through(field: str, record: str) -> Scope:
    return Through(field, record)
