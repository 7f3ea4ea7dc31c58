"""Health worked out set by set and kept: one statement for each part, one to write, and nothing where nothing changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from kith.kernel.access.actor import Actor, system
from kith.kernel.errors import Invalid
from kith.kernel.jsontext import encode
from kith.kernel.lookups.compile import filtered
from kith.kernel.lookups.conditions import tree_of
from kith.kernel.records.registry import registry
from kith.kernel.timeline.write import Entry, write_events
from kith.retention.customers import Batch, Key
from kith.retention.events import HealthFell, HealthRose
from kith.retention.health.measures import MEASURES, Look, Seen, spoke
from kith.retention.health.parts import band_of, parts, tiers, version
from kith.retention.health.whose import agree
from kith.retention.models import TODAY, Band, Care, HealthMoved, HealthPart, Tier

MOVED = 5  # points from which a move within a band is kept in the history
RANK = {Band.POOR: 0, Band.WATCH: 1, Band.GOOD: 2}
IN_A_ROW = "SELECT pg_advisory_xact_lock(hashtextextended('kith.health', 0))"
KEEP = """
    INSERT INTO retention_care ({record}_id, health, band, confidence, parts, version, worked_out_at, tier_id, spoke_at, gap, due_on, owner_id, reasons, before)
    SELECT g.id, g.health, g.band, g.confidence, g.parts, %s, %s, g.tier, g.spoke, g.gap, g.due, r.owner_id, '[]', '{{}}'
    FROM unnest(%s::bigint[], %s::smallint[], %s::text[], %s::smallint[], %s::jsonb[], %s::bigint[], %s::timestamptz[], %s::smallint[], %s::date[])
         AS g (id, health, band, confidence, parts, tier, spoke, gap, due)
    JOIN contacts_{record} r ON r.id = g.id
    ORDER BY g.id
    ON CONFLICT ({record}_id) DO UPDATE SET health = excluded.health, band = excluded.band, confidence = excluded.confidence,
        parts = excluded.parts, version = excluded.version, worked_out_at = excluded.worked_out_at, tier_id = excluded.tier_id,
        spoke_at = excluded.spoke_at, gap = excluded.gap, due_on = excluded.due_on,
        owner_id = excluded.owner_id
"""


@dataclass
class Health:
    """Of one customer: points over what is known (None where nothing is), how much of the weight that is, line by line."""

    points: int | None
    confidence: int
    lines: list[dict[str, Any]]
    tier: Tier | None = None
    spoke_at: dt.datetime | None = None
    due_on: dt.date | None = None

    @property
    def band(self) -> str:
        return band_of(self.points)


def work_out(
    batch: Batch, now: dt.datetime, among: list[HealthPart] | None = None, *, past: bool = False
) -> dict[Key, Health]:
    """{customer: health} of everybody in the batch, as of `now`. Writes nothing. `past`: leave out what only today's rows
    tell (filters, payment)."""
    every = [p for p in (parts() if among is None else among) if not (past and p.source in TODAY)]
    tier_of = _tiers(batch)
    look = Look(batch, now, spoke(batch, now), {key: tier.days for key, tier in tier_of.items()})
    seen = [(part, MEASURES[part.source](part, look)) for part in every]
    return {key: _health(key, seen, look, tier_of.get(key)) for key in batch.every()}


def _health(key: Key, seen: list[tuple[HealthPart, dict[Key, Seen]]], look: Look, tier: Tier | None) -> Health:
    lines, known, sum_of, whole = [], 0, 0.0, 0
    for part, told in seen:
        one = told.get(key)
        points = None if one is None else points_of(part, one.figure)
        whole += part.weight
        if points is not None:
            known += part.weight
            sum_of += part.weight * points
        lines.append({
            "key": part.pk, "name": part.name, "weight": part.weight, "points": points,
            "figure": None if one is None else round(one.figure, 3), "words": "" if one is None else one.words,
            "at": one.at.isoformat() if one is not None and one.at is not None else None,
        })  # fmt: skip
    last = look.spoke.get(key)
    since = timezone.localdate(last) if last else look.batch.since(key)
    due = since + dt.timedelta(days=tier.days) if tier is not None else None
    health = round(sum_of / known) if known else None
    return Health(health, round(100 * known / whole) if whole else 0, lines, tier, last, due)


def points_of(part: HealthPart, figure: float) -> int:
    """0 at what is poor, 100 at what is good, straight between, whichever of them is larger."""
    share = (figure - part.poor) / (part.good - part.poor)
    return round(100 * min(max(share, 0.0), 1.0))


def _tiers(batch: Batch) -> dict[Key, Tier]:
    """The first tier that fits each; people stand in the first one without a filter. One query for each tier with one."""
    record, out, left = registry["company"], {}, set(batch.companies)
    for tier in tiers():
        if not tier.where:
            out.update({("company", pk): tier for pk in left})
            out.update({("person", pk): tier for pk in batch.people})
            break
        try:
            rows = filtered(
                record, tree_of(tier.where), system(), record.model._default_manager.filter(pk__in=list(left))
            )
            fitting = set(rows.values_list("pk", flat=True))
        except Invalid:
            continue  # the settings say beside the tier why it fits nobody
        out.update({("company", pk): tier for pk in fitting})
        left -= fitting
    return out


def in_a_row() -> None:
    """Wait until nobody else writes health, and be the only one until the transaction ends. Taken before customers are read,
    so that nobody's row goes for what was true a moment ago."""
    with connection.cursor() as cursor:
        cursor.execute(IN_A_ROW)


@transaction.atomic
def keep(batch: Batch, now: dt.datetime | None = None) -> int:
    """Bring these customers up to date; returns how many changed. Batches go one after the other, so that none writes what
    it read before another one learned more."""
    in_a_row()
    now = now or timezone.now()
    found = work_out(batch, now)
    before = _before(batch)
    changed = {key: one for key, one in found.items() if _differs(before.get(key), one)}
    _write(changed, now)
    agree("company", list(batch.companies))
    agree("person", list(batch.people))
    _tell(changed, before, now)
    return len(changed)


def drop(keys: Iterable[Key]) -> None:
    """Whoever is a customer no more has no health; the history stays."""
    some = list(keys)
    for record in ("company", "person"):
        Care.objects.filter(**{f"{record}__in": [pk for name, pk in some if name == record]}).delete()


def _before(batch: Batch) -> dict[Key, Care]:
    fields = ("company", "person", "health", "band", "confidence", "parts", "tier", "spoke_at", "due_on", "version")
    some = Care.objects.filter(company__in=list(batch.companies)).only(*fields)
    others = Care.objects.filter(person__in=list(batch.people)).only(*fields)
    rows = [*some, *others] if batch.companies and batch.people else list(some if batch.companies else others)
    return {("company", row.company_id) if row.company_id else ("person", row.person_id or 0): row for row in rows}


def _differs(old: Care | None, new: Health) -> bool:
    if old is None:
        return True
    then = (old.health, old.confidence, old.parts, old.tier_id, old.spoke_at, old.due_on, old.version)
    return then != (
        new.points,
        new.confidence,
        new.lines,
        new.tier.pk if new.tier else None,
        new.spoke_at,
        new.due_on,
        version(),
    )


def _write(changed: dict[Key, Health], now: dt.datetime) -> None:
    for record in ("company", "person"):
        rows = sorted((pk, one) for (name, pk), one in changed.items() if name == record)
        if not rows:
            continue
        columns = [
            [pk for pk, _one in rows], [one.points for _pk, one in rows], [one.band for _pk, one in rows],
            [one.confidence for _pk, one in rows], [encode(one.lines) for _pk, one in rows],
            [one.tier.pk if one.tier else None for _pk, one in rows], [one.spoke_at for _pk, one in rows],
            [one.tier.days if one.tier else None for _pk, one in rows], [one.due_on for _pk, one in rows],
        ]  # fmt: skip
        with connection.cursor() as cursor:
            cursor.execute(KEEP.format(record=record), [version(), now, *columns])


def _tell(changed: dict[Key, Health], before: dict[Key, Care], now: dt.datetime) -> None:
    """History for moves that count, and an event where health came into another band."""
    history, entries = [], []
    for key, one in changed.items():
        old = before.get(key)
        was = old.health if old is not None else None
        if was == one.points or (
            was is not None
            and one.points is not None
            and one.band == (old.band if old else "")
            and abs(was - one.points) < MOVED
        ):
            continue
        why = _why(old, one)
        history.append(HealthMoved(
            **{f"{key[0]}_id": key[1]}, at=now, before=was, after=one.points, band_before=old.band if old is not None else "",
            band=one.band, confidence=one.confidence, why=why, version=version(),
        ))  # fmt: skip
        if old is not None and old.band and one.band and old.band != one.band:
            told = HealthFell if RANK[Band(one.band)] < RANK[Band(old.band)] else HealthRose
            says = told(
                before=was or 0, after=one.points or 0, band=one.band, why=", ".join(w["name"] for w in why[:2])
            )
            entries.append(Entry(*key, says=says, at=now))
    HealthMoved.objects.bulk_create(history, batch_size=2000)
    if entries:
        write_events(entries, by=by_itself())


def by_itself() -> Actor:
    return system("job", name="Kith")


def _why(old: Care | None, new: Health) -> list[dict[str, Any]]:
    """The parts that moved, the one that moved health most first."""
    was = {line["key"]: line["points"] for line in (old.parts if old is not None else [])}
    moved = [
        {"name": line["name"], "before": was.get(line["key"]), "after": line["points"], "words": line["words"], "weight": line["weight"]}
        for line in new.lines if was.get(line["key"]) != line["points"]
    ]  # fmt: skip
    return sorted(moved, key=lambda one: -abs((one["after"] or 0) - (one["before"] or 0)) * one["weight"])
