"""The list of reviews: those there are, with what was decided, and when each process is reviewed next."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Count, Q
from django.utils import timezone

from kith.kernel.access.actor import Actor
from kith.process.evidence.reading import sees_all
from kith.process.models import Process
from kith.process.review.models import Figures, Review, Rhythm, Sort, State, Verdict
from kith.process.review.preparing import due_next
from kith.process.review.queries import reviews
from kith.process.review.words import headline
from kith.process.versions import in_use

MOST = 100


@dataclass(frozen=True)
class Coming:
    """A process in force: its rhythm, and when it is reviewed next where none is being prepared."""

    process: Process
    rhythm: Rhythm | None
    meets_at: dt.datetime | None
    preparing: Review | None


@dataclass
class Listed:
    actor: Actor

    @cached_property
    def may(self) -> bool:
        return self.actor.can("settings.manage")

    @cached_property
    def rows(self) -> list[Any]:
        """Reviews with how many proposals were adopted, of how many."""
        adopted = Count("proposals", filter=Q(proposals__verdict=Verdict.ADOPT))
        return list(reviews(self.actor).annotate(proposed=Count("proposals"), adopted=adopted)[:MOST])

    @cached_property
    def effects(self) -> dict[int, str]:
        """{review: its effect in a sentence}, for those who may see every relationship."""
        if not sees_all(self.actor):
            return {}
        rows = Figures.objects.filter(sort=Sort.EFFECT, review__in=[row.pk for row in self.rows])
        return {pk: headline(data["lines"]) for pk, data in rows.values_list("review", "data")}

    @cached_property
    def coming(self) -> list[Coming]:
        rhythms = {one.process_id: one for one in Rhythm.objects.select_related("host", "team")}
        preparing = {row.process_id: row for row in self.rows if row.state == State.PREPARING}
        out = []
        for pk, one in in_use().items():
            rhythm, open_ = rhythms.get(pk), preparing.get(pk)
            at = due_next(rhythm, one.process, timezone.now())[1] if rhythm and open_ is None else None
            out.append(Coming(one.process, rhythm, at, open_))
        return sorted(out, key=lambda one: (not one.process.is_default, one.process.name))
