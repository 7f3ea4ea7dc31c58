"""Choices that onboarding offers: which event says that a first result is reached."""

from __future__ import annotations

from typing import Any

from kith.kernel.kinds import Choice, Text
from kith.kernel.timeline.types import EVENTS
from kith.onboarding.models import key_of


def verbs() -> dict[str, str]:
    """{verb: what it says} of every event that a room declares."""
    return {verb: f"{verb.replace('_', ' ').replace('.', ' ')}" for verb in sorted(EVENTS)}


class EventVerb(Choice):
    """An event by its verb. They differ from one version to the next, so no schema lists them."""

    name, customisable = "event_verb", False

    def __init__(self) -> None:
        super().__init__(verbs)

    def schema(self) -> dict[str, Any]:
        return {"type": "string"}


class PlanKey(Text):
    """The short word by which other steps wait for one: small letters, digits and hyphens, whatever was typed."""

    name, customisable = "plan_key", False

    def __init__(self) -> None:
        super().__init__(60)

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        return key_of(text) if text else ""
