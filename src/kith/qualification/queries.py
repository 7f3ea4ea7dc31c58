"""What floors above ask of leads: who waits for a verdict, and what nobody has asked them yet."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q, QuerySet

from kith.kernel.access.actor import Actor
from kith.kernel.records.registry import registry
from kith.qualification.checklist.questions import criteria
from kith.qualification.models import Waiting


def waiting(actor: Actor) -> QuerySet[Waiting]:
    """Leads within the actor's reach that wait for a verdict; of one colleague in order by the index `waiting_of`."""
    people = registry["person"]
    if people.scope.q(actor, people.name, "see") == Q():
        return Waiting.objects.all()
    return Waiting.objects.filter(person__in=people.rows(actor, archived=False).values("pk"))


def names_of(missing: Iterable[str]) -> list[str]:
    """What questions are called, by their keys and in their order; keys nobody asks for any more are left out."""
    names: dict[str, str] = {}
    for criterion in criteria():
        names.setdefault(criterion.key, criterion.name)
    wanted = set(missing)
    return [name for key, name in names.items() if key in wanted]
