"""The cast of the tests: the people of Tidewell and their customers, made on demand.

`ines` looks after relationships in team South, `jonas` sells in team North, `helena` manages, `astrid` administers,
`rolf` only reads.
"""

from __future__ import annotations

import re
from typing import Any

from kith.kernel.access.actor import Actor, actor_for
from kith.kernel.accounts.models import Team, User

COLLEAGUES = {
    "ines": ("Ines Okafor", "member", "South"),
    "priya": ("Priya Nair", "member", "South"),
    "jonas": ("Jonas Lindqvist", "member", "North"),
    "helena": ("Helena Brandt", "manager", "South"),
    "astrid": ("Astrid Moe", "administrator", ""),
    "rolf": ("Rolf Keller", "read_only", "North"),
}


def user(who: str) -> User:
    """A colleague of the cast, made once per test database."""
    name, role, team = COLLEAGUES[who]
    found, made = User.objects.get_or_create(email=f"{who}@tidewell.example", defaults={"name": name, "role": role})
    if made and team:
        Team.objects.get_or_create(name=team)[0].members.add(found)
    return found


def actor(who: str, channel: str = "web") -> Actor:
    """That colleague, acting."""
    colleague = user(who)
    from kith.kernel.organisation.models import bump

    bump()
    return actor_for(colleague, channel)


def policy(role: str, record: str, **levels: Any) -> None:
    """Set a role's levels for a record type: policy("member", "deal", see="own", edit="own")."""
    from kith.kernel.access.models import RecordPolicy
    from kith.kernel.organisation.models import bump

    RecordPolicy.objects.update_or_create(role=role, record=record, defaults=levels)
    bump()


def add(by: Actor, record: str = "person", **raw: Any) -> Any:
    """A row of that type, made by them from what somebody would type."""
    from kith.kernel.records.actions import create, parse_values
    from kith.kernel.records.registry import registry

    kind = registry[record]
    return create(kind, parse_values(kind, raw, by=by), by=by)


def text(response: Any) -> str:
    """What somebody reads on a page, in one line."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))
