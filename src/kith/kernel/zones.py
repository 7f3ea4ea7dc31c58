"""Time zones by name, as people and organisations chose them."""

from __future__ import annotations

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

UTC = ZoneInfo("UTC")


def zone(name: str) -> ZoneInfo:
    """The time zone of that name; UTC when this machine does not know it (the name was chosen on another one)."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return UTC
