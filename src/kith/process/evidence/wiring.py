"""Where evidence meets the rest at start-up: what it listens to and when it counts."""

from __future__ import annotations


def install() -> None:
    """Called once, when the app is ready."""
    from kith.kernel.timeline.readers import register_follower
    from kith.process import stays
    from kith.process.evidence import jobs  # noqa: F401 - declares them
    from kith.process.evidence.counting import touch

    verbs = (*stays.TELLING, "journey.changed", "journey.archived", "journey.restored")
    register_follower("journey", verbs, touch)
