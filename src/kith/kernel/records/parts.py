"""Parts of a record: rows of plain tables that belong to it and have no page of their own (the roles of a person, the
products on a deal). Their verbs are actions of the record; a part is how programs read what panels show.

    ROLES = Part("positions", _("Roles"), {"company": Link("company"), "title": Text(200)}, roles_of)
    class PersonRecord(Record): parts = (ROLES,)                 GET /api/v1/people/7/positions
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from kith.kernel.access.actor import Actor
from kith.kernel.kinds import Kind


@dataclass(frozen=True)
class Part:
    """`read(actor, row)` gives one object a row, read through the one door; `fields` are their attributes with the kind of
    each. A link out of the actor's reach is None."""

    key: str
    label: Any
    fields: Mapping[str, Kind]
    read: Callable[[Actor, Any], Iterable[Any]]

    def dump(self, actor: Actor, row: Any) -> list[dict[str, Any]]:
        """The part of one row in JSON form."""
        return [
            {key: kind.dump(getattr(one, key)) for key, kind in self.fields.items()} for one in self.read(actor, row)
        ]

    def schema(self) -> dict[str, Any]:
        """The shape of one of its rows, as JSON schema."""
        return {"type": "object", "properties": {key: kind.schema() for key, kind in self.fields.items()}}
