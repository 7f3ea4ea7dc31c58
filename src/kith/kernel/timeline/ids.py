"""Time-ordered ids (UUID version 7) for events: sortable by the moment they were recorded."""

from __future__ import annotations

import os
import random
import time
import uuid

_random = random.Random()  # noqa: S311 - seeded by the system; an id must be unique, not secret
os.register_at_fork(after_in_child=_random.seed)


def uuid7() -> uuid.UUID:
    """RFC 9562 version 7: 48 bits of Unix milliseconds, 12 bits of sub-millisecond order, 62 random bits."""
    ns = time.time_ns()
    ms, fraction = ns // 1_000_000, (ns % 1_000_000) * 4096 // 1_000_000
    return uuid.UUID(int=(ms & (2**48 - 1)) << 80 | 7 << 76 | fraction << 64 | 2 << 62 | _random.getrandbits(62))
