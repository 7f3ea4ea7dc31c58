"""A journey bears the name, the owner and the team of its customer, and follows them, whichever way they changed: through a
form, an import, a merge, or an undo."""

from __future__ import annotations

from collections.abc import Callable

from django.db.models import F, Q

from kith.kernel.access.actor import system
from kith.kernel.timeline.change import change_many
from kith.process.journeys.entering import bear
from kith.process.models import Journey


def verbs(record: str) -> list[str]:
    return [f"{record}.{past}" for past in ("changed", "merged", "taken_back")]


def follower(record: str) -> Callable[[list[int]], None]:
    """The follower of one kind of customer: one query, and nothing more where nothing differs."""
    differs = ~Q(name=F(f"{record}__name")) | _other(f"{record}__owner", "owner") | _other(f"{record}__team", "team")

    def follow(ids: list[int]) -> None:
        apart = Journey.objects.filter(differs, **{f"{record}__in": ids}).select_related(record)
        rows = {journey.pk: getattr(journey, record) for journey in apart}
        if rows:
            change_many(Journey.objects.filter(pk__in=list(rows)), lambda row: bear(row, rows[row.pk]), by=system())

    return follow


def _other(theirs: str, own: str) -> Q:
    """Whether two links differ, blanks included."""
    both = Q(**{f"{theirs}__isnull": True, f"{own}__isnull": True})
    return ~(Q(**{theirs: F(own)}) | both)
