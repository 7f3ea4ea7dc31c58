"""Automation as a Django app: it reads the timeline, has its place under Settings, and its commands."""

from django.apps import AppConfig
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _


class AutomationConfig(AppConfig):
    name = "kith.automation"
    label = "automation"

    def ready(self) -> None:
        from kith.automation import stages, steps  # noqa: F401  declare the kinds of steps and triggers
        from kith.automation.listening import listens
        from kith.automation.models import Run
        from kith.automation.stages import keeping
        from kith.automation.stages.shown import lines_of
        from kith.kernel.records.merge import points_loosely
        from kith.kernel.search.commands import Command, register
        from kith.kernel.timeline import readers
        from kith.process.editor.lines import TELLERS
        from kith.ui.settings import register_settings

        TELLERS.append(lines_of)
        readers.register("automation", listens, "automation.start")
        readers.register_follower("process", keeping.VERBS, keeping.follow)
        points_loosely(Run, "record", "record_id")
        register_settings(
            "automation", group="sales", label=_("Automation"), icon="loop", href="/settings/automation/", order=15,
            needs="settings.manage", says=_("What Kith does by itself, and what it did."),
        )  # fmt: skip
        register(lambda actor: [
            Command(__("What automation did"), "/runs/", "loop", "", "settings.manage", __("runs workflows automation failed")),
        ])  # fmt: skip
