"""How somebody found us, on their page: first and last touch, all between, and which led to a deal."""

from __future__ import annotations

from typing import Any

from kith.awareness.models import Channel
from kith.awareness.touches.converting import converting
from kith.awareness.touches.queries import trail
from kith.kernel.access.actor import Actor


def found_us(actor: Actor, person: Any) -> dict[str, Any] | None:
    found = trail(actor, person)
    if not found:
        return None
    led = converting(person.pk, found)
    rows = [
        {"channel": Channel(t.channel).label if t.channel in Channel.values else t.channel, "at": t.at, "through": t.through,
         "source": t.source, "campaign": str(t.campaign) if t.campaign else t.word,
         "href": f"/campaigns/{t.campaign_id}" if t.campaign else None, "landing": t.landing, "led": t is led}
        for t in found
    ]  # fmt: skip
    return {"touches": rows}
