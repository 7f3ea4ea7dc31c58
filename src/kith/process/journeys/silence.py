"""How long a relationship may hear nothing: what its stage says, in business time, from the last word with its customer.

`silent_at` is when that time runs out. It is kept like every clock: worked out when a journey enters a stage, when somebody
talked, and again when either is taken back; so that lists and Today ask one index instead of counting days.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import F
from django.utils import timezone

from kith.kernel.access.actor import system
from kith.kernel.timeline.change import change_many
from kith.kernel.timeline.types import EventType
from kith.process import clock
from kith.process.definition.shape import Definition, Stage
from kith.process.events import WentSilent
from kith.process.models import RUNNING, Journey
from kith.process.versions import definition_of, in_use

USUAL = "60 days"  # where a stage does not say how long
MOST = 5000  # in one go; the rest a minute later
KEPT = ("touched_at", "silent_at", "silence_told")


def allowed(stage: Stage | None) -> str:
    """How long a stage may hear nothing, in words."""
    return (stage.silence if stage else "") or USUAL


def listen(row: Journey, definition: Definition, stage: Stage | None) -> None:
    """Set when the silence of a journey runs out, from the last word, or from its beginning where there was none. A
    silence that begins anew has not been told."""
    span = clock.read_span(allowed(stage))
    assert span is not None
    row.silent_at = span.after(row.touched_at or row.opened_at, clock.calendar_for(definition))
    row.silence_told = row.silence_told and row.silent_at <= timezone.now()


def touched(refs: Iterable[tuple[str, int]]) -> None:
    """Somebody talked with these customers, or did not after all. A query and an update for each kind of customer."""
    if not in_use():
        return
    every = list(refs)
    for bearer in ("company", "person"):
        if pks := [pk for record, pk in every if record == bearer]:
            rows = Journey.objects.filter(RUNNING, **{f"{bearer}__in": pks})
            _heard(list(rows.annotate(word=F(f"{bearer}__last_touch_at"))))


def _heard(rows: Sequence[Any]) -> None:
    changed = [row for row in rows if row.touched_at != row.word]
    for row in changed:
        row.touched_at = row.word
    _work_out(changed)


def follow(ids: list[int]) -> None:
    """After something was told of these journeys, or taken back: it may stand in another stage than a moment ago. Ways that
    were told afterwards wait for `catch_up`."""
    if running := list(in_use()):
        _work_out(list(Journey.objects.filter(RUNNING, pk__in=ids, process__in=running, silent_at__isnull=False)))


def _work_out(rows: Sequence[Journey]) -> None:
    changed = []
    for row in rows:
        before = row.silent_at
        definition = definition_of(row.process_id, row.held_to)
        listen(row, definition, definition.by_key.get(row.stage))
        if row.silent_at != before:
            changed.append(row)
    Journey.objects.bulk_update(changed, KEPT, batch_size=500)


def catch_up() -> int:
    """Journeys from before silence was watched, or told afterwards, some at a time; whoever was silent by then is no news."""
    rows = (
        Journey.objects.filter(RUNNING, silent_at=None, process__in=list(in_use()))
        .select_related("company", "person")
        .order_by("pk")[:MOST]
    )
    found = list(rows)
    for row in found:
        row.touched_at, row.silence_told = row.customer.last_touch_at, True
    _work_out(found)
    return len(found)


def tell_silences() -> int:
    """Say of every journey that heard nothing for longer than its stage allows, once for each silence; returns of how many."""
    quiet = Journey.objects.filter(RUNNING, silent_at__lt=timezone.now(), silence_told=False)

    def apply(row: Any) -> list[EventType]:
        stage = definition_of(row.process_id, row.held_to).by_key.get(row.stage)
        row.silence_told = True
        since = (row.touched_at or row.opened_at).isoformat()
        return [WentSilent(row.stage, stage.name if stage else row.stage, since, allowed(stage))]

    return change_many(quiet.order_by("silent_at", "pk")[:MOST], apply, by=system())
