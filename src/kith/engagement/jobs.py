"""The clock of sequences."""

from __future__ import annotations

from kith.engagement import engine, reaching
from kith.engagement.mailings import jobs as mailings  # noqa: F401  found with the jobs of this room
from kith.engagement.tracking import jobs as tracking  # noqa: F401
from kith.kernel.jobs import enqueue, job


@job("engagement.minute", every="* * * * *", label="Carry sequences on")
def minute() -> None:
    """What is due; a worker that has done many lets others have their turn, and goes on after them."""
    if engine.advance_due() >= engine.MOST:
        enqueue("engagement.more", key="engagement.more")


@job("engagement.more", label="Carry more sequences on")
def more() -> None:
    minute()


@job("engagement.goals", every="*/5 * * * *", label="Look who has reached the goal of a sequence")
def goals() -> None:
    """In between two steps, which may lie weeks apart."""
    reaching.look()
