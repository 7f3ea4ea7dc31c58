"""For which segments an asset is, by their keys; and in which somebody is."""

from __future__ import annotations

from typing import Any

from kith.kernel.access.actor import Actor
from kith.kernel.kinds import Choice
from kith.kernel.segments.kinds import names_of
from kith.kernel.segments.queries import segments_of

OF = ("person", "company")  # types whose segments assets can be for


def segment_names() -> dict[str, str]:
    """{key: name} of the segments of people and of companies."""
    return {key: name for subject in OF for key, name in names_of(subject).items()}


def keys_of(actor: Actor, person: Any) -> list[str]:
    """The segments somebody or their company is in, of those that the actor may see."""
    if not actor.can("segment.see"):
        return []
    rows = (("person", person.pk), ("company", person.company_id))
    return [stay.segment.key for subject, pk in rows if pk for stay in segments_of(actor, subject, pk)]


class SegmentKey(Choice):
    """A segment by its key. They are the organisation's own, so no schema lists them."""

    name, customisable = "segment_key", False

    def __init__(self) -> None:
        super().__init__(segment_names)

    def schema(self) -> dict[str, Any]:
        return {"type": "string"}
