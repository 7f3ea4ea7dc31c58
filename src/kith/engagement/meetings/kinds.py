"""The purpose that a booking page asks about: one of those there are."""

from __future__ import annotations

from kith.contacts.consent.queries import purposes
from kith.kernel.kinds import Choice


class PurposeKey(Choice):
    name, customisable = "purpose_key", False

    def __init__(self) -> None:
        super().__init__(lambda: {key: purpose.name for key, purpose in purposes().items()})
