"""What the API offers beside records: who am I, what exists, who works here, operations and their undo."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from kith import __version__
from kith.api.door import endpoint
from kith.kernel.access.actor import Actor, team_members
from kith.kernel.errors import Invalid
from kith.kernel.lookups.bulk import KIND as BULK
from kith.kernel.lookups.directory import colleagues, teams
from kith.kernel.records.registry import registry
from kith.kernel.search.queries import find
from kith.kernel.text import clean_text
from kith.kernel.timeline.models import Operation
from kith.kernel.timeline.operations import undo
from kith.kernel.timeline.queries import operation_of, operations
from kith.today.page import as_json, day_of
from kith.today.scope import ME, TEAM, scope_of

MOST_FOUND = 50  # rows of one type


def index(actor: Actor, request: HttpRequest) -> Any:
    """What this Kith is, who the token stands for, and where the resources are."""
    return {
        "name": "Kith", "version": __version__, "openapi": "/api/v1/openapi.json",
        "me": {"id": actor.user_id, "name": actor.name, "role": actor.role},
        "resources": {r.slug: f"/api/v1/{r.slug}" for r in registry},
    }  # fmt: skip


def search(actor: Actor, request: HttpRequest) -> Any:
    """`?q=words&limit=6`: rows of every type, best first within a type, as the palette finds them."""
    limit = request.GET.get("limit", "6")
    if not limit.isdecimal() or not 1 <= int(limit) <= MOST_FOUND:
        raise Invalid(f"limit is a whole number from 1 to {MOST_FOUND}.", "limit")
    hits = find(actor, clean_text(request.GET.get("q", ""))[:200], per_type=int(limit))
    return {
        "data": [
            {"type": h.record, "id": h.pk, "name": h.name, "beside": h.sub, "near": h.typo, "url": h.url} for h in hits
        ]
    }


def list_colleagues(actor: Actor, request: HttpRequest) -> Any:
    """Everybody who ever had an account, as pages name them: those whom rows may belong to, and those who have left."""
    members = team_members()
    return {
        "data": [
            {
                "id": user.pk, "name": str(user), "email": user.email, "active": user.is_active,
                "teams": sorted(team for team, ids in members.items() if user.pk in ids),
            }
            for user in sorted(colleagues().values(), key=lambda user: user.pk)
        ]
    }  # fmt: skip


def list_teams(actor: Actor, request: HttpRequest) -> Any:
    members = team_members()
    found = sorted(teams().values(), key=lambda team: team.pk)
    return {"data": [{"id": t.pk, "name": t.name, "members": sorted(members.get(t.pk, ()))} for t in found]}


def read_today(actor: Actor, request: HttpRequest) -> Any:
    """`?of=team`: whom to turn to now, the sections of the page Today with their rows in words."""
    of = request.GET.get("of", ME)
    if of not in (ME, TEAM):
        raise Invalid(f"of is {ME} or {TEAM}.", "of")
    actor.require("activity.see")
    return as_json(day_of(actor, scope_of(actor, of)))


def list_operations(actor: Actor, request: HttpRequest) -> Any:
    return {"data": [_operation(op) for op in operations(actor)]}


def read_operation(actor: Actor, request: HttpRequest, pk: int) -> Any:
    """One of them; of a change of many rows also how far it is, and which rows refused."""
    op = operation_of(actor, pk)
    return {**_operation(op), **({"progress": _progress(op)} if op.kind == BULK else {})}


def _progress(op: Operation) -> dict[str, Any]:
    """How far a change of many rows is. One that was done at once is done."""
    data = op.data
    refused = [{"id": pk, "name": name, "reason": why} for pk, name, why in data.get("refused", [])]
    return {
        "state": data.get("state", "done"), "seen": data.get("seen", op.count), "total": data.get("total", op.count),
        "changed": data.get("changed", op.count), "refusals": data.get("refusals", 0), "refused": refused,
        "problem": data.get("problem", ""),
    }  # fmt: skip


def undo_operation(actor: Actor, request: HttpRequest, pk: int) -> Any:
    done = undo(operation_of(actor, pk), by=actor)
    return {"undone": done.count, "conflicts": done.conflicts, "waiting": done.waiting}


def _operation(op: Operation) -> dict[str, Any]:
    return {
        "id": op.pk, "kind": op.kind, "label": op.label, "at": op.at.isoformat(), "actor": op.actor_name,
        "count": op.count, "undone_at": op.undone_at.isoformat() if op.undone_at else None, "conflicts": op.conflicts,
    }  # fmt: skip


finding = endpoint(get=search)
today = endpoint(get=read_today)
root = endpoint(get=index)
colleague_list = endpoint(get=list_colleagues)
team_list = endpoint(get=list_teams)
operation_list = endpoint(get=list_operations)
operation_read = endpoint(get=read_operation)
operation_undo = endpoint(post=undo_operation)
