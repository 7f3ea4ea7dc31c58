"""What was passed over lately: stages that were skipped and needs that were not met, by team, with the reasons given."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from kith.kernel.access.actor import Actor
from kith.kernel.records.registry import registry
from kith.kernel.timeline.models import Event
from kith.process.adoption.fields import DAYS
from kith.process.kinds import stages

MOST, SHOWN = 20_000, 20


@dataclass
class Passed:
    """One stage or need: how often in all and by team, how often somebody decided so by hand, and the latest cases as
    (journey, name, when, reason)."""

    kind: str  # "stage" or "need"
    name: str
    n: int = 0
    by_hand: int = 0
    teams: Counter[str] = field(default_factory=Counter)
    cases: list[tuple[int, str, dt.datetime, str]] = field(default_factory=list)


def passed_over(actor: Actor) -> list[Passed]:
    """The most often passed over first. Two queries, over at most the last `MOST` moves that left something out."""
    moves = Event.objects.filter(verb="journey.moved", at__gte=timezone.now() - dt.timedelta(days=DAYS))
    left_out = moves.exclude(payload__skipped=[], payload__missing=[]).order_by("-at")
    told = list(left_out.values_list("record_id", "at", "payload")[:MOST])
    seen = registry["journey"].rows(actor, archived=False).filter(pk__in={pk for pk, _at, _payload in told})
    rows = {pk: (name, team or "") for pk, name, team in seen.values_list("pk", "name", "team__name")}
    known, out = stages(), {}
    for pk, at, payload in told:
        if pk in rows:
            names = [("stage", known.get(key, key)) for key in payload.get("skipped") or ()]
            for what in [*names, *(("need", words) for words in payload.get("missing") or ())]:
                _note(out.setdefault(what, Passed(*what)), pk, rows[pk], at, payload)
    return sorted(out.values(), key=lambda one: (-one.n, one.name))


def _note(one: Passed, pk: int, row: tuple[str, str], at: dt.datetime, payload: dict[str, Any]) -> None:
    name, team = row
    reason = str(payload.get("reason") or "")
    one.n, one.by_hand = one.n + 1, one.by_hand + bool(reason)
    one.teams[team] += 1
    if len(one.cases) < SHOWN:
        one.cases.append((pk, name, at, reason))
