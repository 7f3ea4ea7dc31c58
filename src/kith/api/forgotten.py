"""The public list of whom nobody attends to, and the proofs that nobody else is forgotten, for programs."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from kith.api.door import endpoint
from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid
from kith.process.forgotten.models import Kind
from kith.process.forgotten.queries import MOST, groups, proofs

MOST_ROWS = 200


def list_unattended(actor: Actor, request: HttpRequest) -> Any:
    """`?kind=deal&limit=50&after=…`: one kind of them, longest first, with the counts of all kinds."""
    kind, limit, after = (request.GET.get(key, other) for key, other in (("kind", "lead"), ("limit", str(MOST)), ("after", "0")))  # fmt: skip
    if kind not in Kind.values:
        raise Invalid(f"kind is one of {', '.join(Kind.values)}.", "kind")
    if not limit.isdecimal() or not 1 <= int(limit) <= MOST_ROWS:
        raise Invalid(f"limit is a whole number from 1 to {MOST_ROWS}.", "limit")
    if not after.isdecimal() or len(after) > 18:
        raise Invalid("after is the “next” of the page before.", "after")
    every = {one: groups(actor, one, int(after) if one == kind else 0, int(limit) if one == kind else 1)[0] for one in Kind.values}  # fmt: skip
    group = every[kind]
    return {
        "counts": {one: {"total": of.total, "seen": of.seen} for one, of in every.items()},
        "data": [
            {"type": r.record, "id": r.pk, "name": r.name, "url": r.url, "kind": r.kind, "why": r.why,
             "since": r.since.isoformat(), "owner": r.owner}
            for r in group.rows
        ],
        "next": group.next,
    }  # fmt: skip


def list_proofs(actor: Actor, request: HttpRequest) -> Any:
    """The last thirty, newest first."""
    return {
        "data": [
            {"at": p.at.isoformat(), "seconds": p.seconds, "violations": p.violations, "counts": p.counts,
             "found": [{"what": f["what"], "kind": f["kind"], "type": f["record"], "id": f["id"]} for f in p.found]}
            for p in proofs(actor)
        ]
    }  # fmt: skip


listing = endpoint(get=list_unattended)
proving = endpoint(get=list_proofs)
