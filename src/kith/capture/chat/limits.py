"""How much one network may do, so that a flood reaches nobody: counted in the table of fixed size that forms use."""

from __future__ import annotations

from kith.capture import guarding
from kith.capture.chat.queries import Shown

WINDOW, MINUTE = 600, 60  # seconds
POSTS, LOOKS = 120, 300  # of one network in a minute: things said, and looks at what was answered


def too_many_begun(widget: Shown, address: str) -> bool:
    """Count a conversation that begins."""
    return guarding.counted(f"chat:{widget.pk}:{address}", WINDOW) > widget.per_network


def too_many_posts(address: str) -> bool:
    """Count something said."""
    return guarding.counted(f"chat.post:{address}", MINUTE) > POSTS


def too_many_looks(address: str) -> bool:
    """Count a look."""
    return guarding.counted(f"chat.look:{address}", MINUTE) > LOOKS
