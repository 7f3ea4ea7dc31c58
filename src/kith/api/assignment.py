"""Assignment rules over the API beside what every record type has: whom they would have given the leads of 90 days to."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from kith.api.door import body, endpoint
from kith.api.inputs import looking_back
from kith.kernel.access.actor import Actor
from kith.kernel.records.registry import registry
from kith.qualification.assigning.replaying import DAYS, as_json, replay


def replay_rules(actor: Actor, request: HttpRequest, pk: int | None = None) -> Any:
    """`{"days": 90, "rows": 50}`: the rules in use, or one of them as if it were; nothing is written."""
    days, rows = looking_back(body(request), DAYS)
    rule = registry["assignment_rule"].get(actor, pk) if pk is not None else None
    return as_json(replay(rule, by=actor, days=days, shown=rows))


replaying = endpoint(post=replay_rules)
