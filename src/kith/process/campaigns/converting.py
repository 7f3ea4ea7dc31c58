"""By which touch people became business: the last one until their first deal was opened, as a column and for their trail."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Min, OuterRef

from kith.awareness.touches.converting import register_conversion
from kith.awareness.touches.queries import came_until
from kith.kernel.access.actor import system
from kith.kernel.records.registry import registry


def first_deal(person: int) -> dt.date | None:
    rows = registry["deal"].rows(system(), archived=False).filter(contact=person)
    found: dt.date | None = rows.aggregate(day=Min("opened_on"))["day"]
    return found


def _first_days() -> Any:
    deals = registry["deal"].model._default_manager.filter(archived_at__isnull=True, opened_on__isnull=False)
    return deals.filter(contact=OuterRef("person_id")).order_by("opened_on").values("opened_on")[:1]


registry.lend("person", "came_converting", came_until(_first_days()))
register_conversion(first_deal)
