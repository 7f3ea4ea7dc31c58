"""The chat in the portal: whoever came in by the link that was mailed to them is known for sure, and the chat is told so."""

from __future__ import annotations

from kith.capture.chat.queries import in_portal
from kith.capture.chat.tokens import proof_of
from kith.portal.models import Visit


def chat_of(visit: Visit) -> dict[str, str] | None:
    """The address of the script and the proof of who this is; None where the organisation offers no chat here."""
    shown = in_portal()
    return {"src": f"/c/{shown.key}.js", "proof": proof_of(visit.person.pk)} if shown is not None else None
