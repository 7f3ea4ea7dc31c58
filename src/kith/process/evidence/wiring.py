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
    _place()


def _place() -> None:
    from django.utils.translation import gettext as __
    from django.utils.translation import gettext_lazy as _

    from kith.kernel.search.commands import Command, register
    from kith.ui.shell import register_nav

    register_nav(
        "process-map", label=_("Process map"), icon="map", href="/process/map", section="below", order=10, keys="m",
        visible=lambda request: request.actor.can("journey.see"),
    )  # fmt: skip
    register(lambda actor: [
        Command(__("Go to the process map"), "/process/map", "map", "G M", "journey.see", __("process steps skipped conversion audit")),
    ])  # fmt: skip
