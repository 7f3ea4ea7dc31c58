"""What follows when a version is published from a review."""

from __future__ import annotations

from typing import Any

from kith.kernel.access.actor import Actor


def handles(verb: str) -> bool:
    return verb == "process.published"


def hear(entries: list[Any], by: Actor) -> None:
    """The version belongs to the review that whoever published it named."""
    from kith.process.review.following import link
    from kith.process.review.models import Review

    for entry in entries:
        if entry.says.review:
            link(Review.objects.get(pk=entry.says.review), entry.says.number, by=by)
