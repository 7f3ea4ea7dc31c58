"""Who acts, through which channel, and why. Always passed, never ambient: nothing borrows a person's rights by accident."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from kith.kernel.access.policies import NEVER, OPEN, Policies
from kith.kernel.errors import NotAllowed


@dataclass(frozen=True)
class Customer:
    """Somebody who came in as a customer: who they are, at which address, and what the organisation lets them read. `shares`:
    what is their company's too; `hides`: record types that are shown to nobody there."""

    person: int
    company: int | None = None
    address: str = ""
    shares: bool = False
    hides: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Actor:
    """Somebody (or the system) about to read or write.

    channel: "web" | "api" | "import" | "automation" | "mail" | "cli" | "mcp"; cause: the event this follows from;
    operation: the reversible change that what is written now belongs to. customer: a customer reading what is theirs, who has
    no other right (`scopes.py`).
    """

    user_id: int | None
    name: str
    role: str
    channel: str = "web"
    team_ids: frozenset[int] = frozenset()
    teammate_ids: frozenset[int] = frozenset()
    cause: UUID | None = None
    operation: int | None = None
    policies: Policies = field(default=OPEN, repr=False, compare=False)
    user: Any = field(default=None, repr=False, compare=False)
    customer: Customer | None = None

    def within(self, operation: int) -> Actor:
        """The same actor, writing under an operation."""
        return dataclasses.replace(self, operation=operation)

    def because(self, event: UUID) -> Actor:
        """The same actor, acting because of an event."""
        return dataclasses.replace(self, cause=event)

    def via(self, channel: str) -> Actor:
        return dataclasses.replace(self, channel=channel)

    def stand_in(self, user_id: int) -> Actor:
        """Somebody else who may do the same; to find out what of something belongs to this very person."""
        return dataclasses.replace(self, user_id=user_id)

    @property
    def is_system(self) -> bool:
        return self.role == "system"

    def can(self, need: str) -> bool:
        """May this actor use a right such as "deal.edit", "deal.export" or "settings.manage"?"""
        return self.policies.can(self.role, need)

    def require(self, need: str) -> None:
        if need in NEVER:
            raise NotAllowed(f"Nobody uses “{need}”: these rows come by themselves, from what happens to others.")
        if not self.can(need):
            raise NotAllowed(
                f"Your role ({self.role.replace('_', '-')}) does not include “{need}”; ask an administrator."
            )

    def level(self, record: str, verb: str) -> str:
        """ "all" | "team" | "own" | "none": which rows of a record type the actor may `verb`."""
        return self.policies.level(self.role, record, verb)


def system(channel: str = "automation", *, cause: UUID | None = None, name: str = "Kith") -> Actor:
    """Kith itself: sees everything, acts because of `cause`."""
    return Actor(None, name, "system", channel, cause=cause)


def customer_actor(name: str, customer: Customer) -> Actor:
    """A customer who came in: reads what record types declare as theirs, and nothing else; has the rights of no role."""
    return Actor(None, name, "customer", "web", customer=customer)


def actor_for(user: Any, channel: str = "web") -> Actor:
    """The actor a signed-in user is: role, teams and policies, in at most two queries, and mostly none."""
    from kith.kernel.access.models import load_policies
    from kith.kernel.organisation.models import cached, refresh_unless

    refresh_unless(getattr(user, "configuration", None))
    teams = team_members()
    mine = frozenset(t for t, members in teams.items() if user.pk in members)
    mates = frozenset().union(*(teams[t] for t in mine)) | {user.pk}
    policies = cached("policies", load_policies)
    return Actor(user.pk, user.name or user.email, user.role, channel, mine, mates, policies=policies, user=user)


def team_members() -> dict[int, frozenset[int]]:
    """{team id: ids of its colleagues}"""
    from kith.kernel.organisation.models import cached

    teams: dict[int, frozenset[int]] = cached("teams", _teams)
    return teams


def _teams() -> dict[int, frozenset[int]]:
    from kith.kernel.accounts.models import Team

    out: dict[int, set[int]] = {}
    for team, member in Team.objects.values_list("pk", "members"):
        out.setdefault(team, set()).update({member} if member else set())
    return {team: frozenset(members) for team, members in out.items()}
