"""Who reaches what of this step: rows about a person follow the person and the levels of their own type; absences are
one's own to write, or everybody's where one manages settings."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from kith.kernel.access.actor import Actor
from kith.kernel.access.scopes import NONE, ByOwner, Scope
from kith.kernel.records.registry import registry


class OwnAbsences(Scope):
    def q(self, actor: Actor, record: str, verb: str) -> Q:
        level = actor.level(record, verb)
        if level == "none":
            return NONE
        if actor.can("settings.manage") or (verb == "see" and level == "all"):
            return Q()
        return NONE if actor.user_id is None else Q(user_id=actor.user_id)

    def explain(self, actor: Actor, record: str, row: Any) -> list[str]:
        return []


own_absences = OwnAbsences()


class OfPerson(Scope):
    """Rows about a person (`person` is their link): the person must be within reach for the verb, and by whoever looks
    after that person the level of the row's own type counts as well."""

    def q(self, actor: Actor, record: str, verb: str) -> Q:
        own = ByOwner().q(actor, record, verb)
        people = registry["person"]
        theirs = people.scope.q(actor, people.name, "edit" if verb == "archive" else verb)
        if own == Q() and theirs == Q():
            return Q()
        return Q(person__in=people.model._default_manager.filter(own & theirs).values("pk"))


of_person = OfPerson()


class OfSubject(Scope):
    """Rows about a person or a company (`person`, `company` are their links): within reach where either is."""

    def q(self, actor: Actor, record: str, verb: str) -> Q:
        parts = {name: self._reached(actor, record, name, verb) for name in ("person", "company")}
        if all(q == Q() for q in parts.values()):
            return Q()
        found = Q()
        for name, theirs in parts.items():
            found |= Q(**{f"{name}__in": registry[name].model._default_manager.filter(theirs).values("pk")})
        return found

    def _reached(self, actor: Actor, record: str, name: str, verb: str) -> Q:
        theirs = registry[name].scope.q(actor, name, "edit" if verb == "archive" else verb)
        return ByOwner().q(actor, record, verb) & theirs


of_subject = OfSubject()
