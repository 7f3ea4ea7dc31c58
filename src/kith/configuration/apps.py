"""The configuration as an app: taking back what was applied is known from the start."""

from django.apps import AppConfig
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _


class ConfigurationConfig(AppConfig):
    name = "kith.configuration"
    label = "configuration"

    def ready(self) -> None:
        from kith.configuration import actions  # noqa: F401  says how an applied configuration is taken back
        from kith.kernel.search.commands import Command, register
        from kith.ui.settings import register_settings

        register_settings(
            "configuration", group="system", label=_("Configuration"), icon="download", href="/settings/configuration/",
            needs="settings.manage", says=_("All that is set up, as files: take it away, bring it, take it back."),
        )  # fmt: skip
        register(lambda actor: [
            Command(__("Configuration as files"), "/settings/configuration/", "download", "", "settings.manage",
                    __("export import sandbox backup settings yaml")),
        ])  # fmt: skip
