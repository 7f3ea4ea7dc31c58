"""How well promises are kept: of those that are settled, how many were broken, by person, product and team.

Waived ones are neither kept nor broken. A rate comes with the range it may truly lie in, since few promises say little.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q
from django.utils import timezone

from kith.kernel.access.actor import Actor
from kith.kernel.intervals import wilson
from kith.kernel.records.registry import registry

BY = {"owner": ("owner", "owner__name"), "product": ("product", "product__name"), "team": ("team", "team__name")}
FEW = 10  # settled promises below which a rate is said to be uncertain


@dataclass(frozen=True)
class Keeping:
    """Counts of promises of one owner, product or team (pk None: nobody's). late: open and past their day."""

    pk: int | None
    name: str
    open: int
    late: int
    kept: int
    broken: int
    waived: int

    @property
    def settled(self) -> int:
        return self.kept + self.broken

    @property
    def rate(self) -> float | None:
        """The share of settled promises that were broken."""
        return self.broken / self.settled if self.settled else None

    @property
    def few(self) -> bool:
        return self.settled < FEW

    @property
    def range(self) -> tuple[float, float] | None:
        """Where the true share lies in 95 of 100 cases; None for nothing settled."""
        return wilson(self.broken, self.settled) if self.settled else None


def keeping(actor: Actor, by: str, since: dt.date | None = None) -> list[Keeping]:
    """Promises that the actor may see, made since a day, by "owner", "product" or "team"; the most broken first. One query."""
    key, name = BY[by]
    rows = registry["promise"].rows(actor, archived=False)
    rows = rows.filter(made_on__gte=since) if since else rows
    counted = rows.order_by().values_list(f"{key}_id", name).annotate(
        open=Count("pk", filter=Q(state="open")),
        late=Count("pk", filter=Q(state="open", due_on__lt=timezone.localdate())),
        kept=Count("pk", filter=Q(state="kept")),
        broken=Count("pk", filter=Q(state="broken")),
        waived=Count("pk", filter=Q(state="waived")),
    )  # fmt: skip
    found = [Keeping(pk, called or "", *counts) for pk, called, *counts in counted]
    return sorted(found, key=lambda one: (-(one.rate or 0), -one.settled, one.name))


def together(parts: list[Keeping]) -> Keeping:
    """All of them as one."""
    counts: list[Any] = [[getattr(p, k) for p in parts] for k in ("open", "late", "kept", "broken", "waived")]
    return Keeping(None, "", *(sum(values) for values in counts))
