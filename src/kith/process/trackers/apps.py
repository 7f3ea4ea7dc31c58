"""Issue trackers as a Django app: what it hears, its places."""

from django.apps import AppConfig
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _


class TrackersConfig(AppConfig):
    name = "kith.process.trackers"
    label = "trackers"

    def ready(self) -> None:
        from kith.activities.notices import KINDS
        from kith.kernel.search.commands import Command, register
        from kith.kernel.timeline.readers import register_listener
        from kith.process.trackers import keeping
        from kith.process.trackers.actions import NOTICE
        from kith.process.trackers.panels import BESIDE
        from kith.ui.panels import register_panel
        from kith.ui.settings import register_settings

        register_listener(keeping.handles, keeping.hear)
        KINDS.setdefault(NOTICE, (_("Issues that your tickets wait for"), "digest"))
        for record in ("ticket", "promise"):
            register_panel(BESIDE, on=record)
        register_settings(
            "trackers", group="sales", label=_("Issue trackers"), icon="share", href="/trackers/", order=26,
            needs="settings.manage", says=_("Where the technical team works: how far an issue is, and how many customers wait for it."),
        )  # fmt: skip
        register(lambda actor: [
            Command(__("Issues that customers wait for"), "/issues/?view=waited", "flag", "", "issue.see", __("tracker github gitlab bug feature")),
        ])  # fmt: skip
