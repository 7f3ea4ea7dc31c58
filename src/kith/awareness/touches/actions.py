"""What can be done with somebody's trail: delete it, when they ask."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from kith.awareness.touches.writing import delete_trail_of
from kith.kernel.access.actor import Actor
from kith.kernel.records.action import action


@action("person.delete_trail", needs="person.archive", label=_("Delete how they found us"), icon="trash", tone="late", undo=False,
        done=_("Deleted. The history says only how many there were."))  # fmt: skip
def delete_trail(person: Any, *, by: Actor) -> Any:
    """All touches and the visitors they were known by. This cannot be taken back."""
    delete_trail_of(person, by=by)
    return person
