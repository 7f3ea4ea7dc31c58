"""The customer's own door: what is theirs, after a link by mail."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PortalConfig(AppConfig):
    name = "kith.portal"
    label = "portal"

    def ready(self) -> None:
        from kith.portal import tickets
        from kith.ui.settings import register_settings

        tickets.join()
        register_settings(
            "portal", group="sales", label=_("Customer portal"), icon="key", href="/settings/portal/", order=10,
            needs="settings.manage", says=_("Where customers see their tickets and papers, without a password."),
        )  # fmt: skip
