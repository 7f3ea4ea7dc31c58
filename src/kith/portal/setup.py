"""What the organisation lets customers do, as one row that pages read without a query."""

from __future__ import annotations

from typing import Any

from kith.kernel.access.actor import Actor
from kith.kernel.organisation.models import bump, cached
from kith.portal.models import Door

KEYS = ("open", "company_wide", "shows_orders")


def door() -> Door:
    """What holds now; shut where nobody ever said anything."""
    found: Door = cached("portal.door", lambda: Door.objects.order_by("pk").first() or Door())
    return found


def change_door(values: dict[str, Any], *, by: Actor) -> Door:
    """Keep what an administrator chose. Raises NotAllowed."""
    by.require("settings.manage")
    row = Door.objects.order_by("pk").first() or Door()
    for key in KEYS:
        setattr(row, key, bool(values.get(key)))
    row.welcome = str(values.get("welcome", ""))[:2000].strip()
    row.save()
    bump()
    return row
