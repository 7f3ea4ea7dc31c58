"""Rows about a person: whoever may see the person sees them, and whoever looks after the row does."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q

from kith.kernel.access.actor import Actor
from kith.kernel.access.scopes import Scope
from kith.kernel.records.registry import registry


@dataclass(frozen=True)
class AboutPerson(Scope):
    """One's own rows at the level "own", else also those about people within reach. `owner`: the column of who looks after a
    row, `person` that of whom it is about."""

    person: str = "person"
    owner: str = "owner"

    def q(self, actor: Actor, record: str, verb: str) -> Q:
        people = registry["person"]
        level, theirs = (
            actor.level(record, verb),
            people.scope.q(actor, people.name, "edit" if verb == "archive" else verb),
        )
        if level == "all" and theirs == Q():
            return Q()
        mine = Q(**{f"{self.owner}_id": actor.user_id}) if actor.user_id and level != "none" else Q(pk__in=[])
        if level in ("none", "own"):
            return mine
        return mine | Q(**{f"{self.person}__in": people.model._default_manager.filter(theirs).values("pk")})
