"""What a visitor's browser holds: a token of its conversation, for posts, and a ticket of an hour, for its open stream.

Neither tells anything of anybody; both are signed. No cookie is set, and nothing outlives the conversation.
"""

from __future__ import annotations

from typing import Any

from django.core import signing

TOKEN, TICKET, PROOF = "kith.chat", "kith.chat.stream", "kith.chat.person"
TOKEN_AGE, TICKET_AGE, PROOF_AGE = 30 * 24 * 3600, 3600, 3600  # seconds
LONGEST = 300


def token_of(conversation: int) -> str:
    return signing.dumps({"c": conversation}, salt=TOKEN)


def conversation_of(token: str) -> int | None:
    """The conversation a token is of; None for any that is not in order."""
    return _opened(token, TOKEN, TOKEN_AGE)


def ticket_of(conversation: int) -> str:
    """The `ticket=` of `/c/live`, where the conversation can be heard."""
    return signing.dumps({"c": conversation}, salt=TICKET)


def topics_of(ticket: str) -> frozenset[str] | None:
    """What the stream of a ticket hears, or None where it is forged or too old."""
    found = _opened(ticket, TICKET, TICKET_AGE)
    return frozenset({f"chat:{found}"}) if found is not None else None


def proof_of(person: int) -> str:
    """The `data-proof` of a chat on a page that only this person can open: it says who they are, for an hour."""
    return signing.dumps({"c": person}, salt=PROOF)


def person_of(proof: str) -> int | None:
    """Whom a proof is of; None where it is forged or too old."""
    return _opened(proof, PROOF, PROOF_AGE)


def _opened(given: str, salt: str, age: int) -> int | None:
    if not given or len(given) > LONGEST:
        return None
    try:
        said: Any = signing.loads(given, salt=salt, max_age=age)
    except signing.BadSignature:
        return None
    found = said.get("c") if isinstance(said, dict) else None
    return found if isinstance(found, int) else None
