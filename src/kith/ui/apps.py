"""The design system as a Django app: macros, styles, behaviours and the gallery that shows them."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class UiConfig(AppConfig):
    name = "kith.ui"
    label = "ui"
    verbose_name = _("User interface")

    def ready(self):
        from kith.ui import bundles
        from kith.ui.pages import hours

        bundles.refresh()
        hours.register()
