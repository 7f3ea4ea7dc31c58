"""Consent to being known again on the organisation's own site: the purpose with the key `tracking`. As long as there is none,
nothing is stored of visits."""

from __future__ import annotations

import datetime as dt

from kith.contacts.consent.queries import holds, last_said, purposes

PURPOSE = "tracking"


def asked() -> bool:
    """Does the organisation ask people for it at all?"""
    return PURPOSE in purposes()


def since(person: int) -> dt.datetime | None:
    """Since when somebody consents; None when they do not."""
    purpose = purposes().get(PURPOSE)
    last = last_said([person], purpose) if purpose is not None else []
    return last[0].at if purpose is not None and last and holds(last[0], purpose) else None
