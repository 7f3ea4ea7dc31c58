"""What lead magnets hand over is a use of the asset: heard from the events of the room that keeps them.

The first download of somebody is the use, opened at once; that they came back for more stands on their story. A download
that was taken back with whatever told it was no use.
"""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from kith.awareness.models import Asset, AssetUse, Through
from kith.kernel.access.actor import Actor

DOWNLOADED = "asset.downloaded"


def hear(entries: list[Any], by: Actor) -> None:
    """A use for each person and asset that has none yet; two statements for any number."""
    first: dict[tuple[int, int], Any] = {}
    for entry in entries:
        if entry.record == "person" and (asset := entry.says.payload().get("asset_id")):
            first.setdefault((int(asset), entry.record_id), entry)
    known = set(
        AssetUse.objects.filter(
            asset__in={a for a, _p in first}, person__in={p for _a, p in first}, through=Through.MAGNET
        ).values_list("asset_id", "person_id")
    )
    there = set(Asset.objects.filter(pk__in={a for a, _p in first}).values_list("pk", flat=True))
    AssetUse.objects.bulk_create([
        AssetUse(asset_id=asset, person_id=person, through=Through.MAGNET, at=moment, opened_at=moment, by_name=by.name)
        for (asset, person), entry in first.items()
        if (asset, person) not in known and asset in there and (moment := entry.at or timezone.now())
    ])  # fmt: skip


def unhear(events: list[Any], _by: Actor) -> None:
    """These downloads were taken back."""
    for event in events:
        AssetUse.objects.filter(
            asset=event.payload.get("asset_id"), person=event.record_id, through=Through.MAGNET, at=event.at
        ).delete()
