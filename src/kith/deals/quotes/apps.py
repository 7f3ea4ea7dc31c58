"""Quotes, as a Django app of their own: versions that never change, their documents, and what customers answer."""

from django.apps import AppConfig
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _


class QuotesConfig(AppConfig):
    name = "kith.deals.quotes"
    label = "quotes"

    def ready(self) -> None:
        from kith.activities.mail import register_dresser
        from kith.activities.notices import KINDS
        from kith.deals.quotes import actions, following, panels
        from kith.kernel.search.commands import Command
        from kith.kernel.search.commands import register as register_command
        from kith.kernel.timeline.readers import register_listener
        from kith.ui.panels import register_panel
        from kith.ui.settings import register_settings

        KINDS.setdefault(actions.KIND, (_("Quotes: approvals asked of you, and what customers answer"), "once"))
        register_listener(following.handles, following.hear)
        register_dresser(following.dress)
        register_panel(panels.QUOTES, on="deal")
        register_command(lambda actor: [
            Command(__("Quotes"), "/quotes/", "quote", "", "quote.see", __("offers proposals waiting")),
            Command(__("Quotes to approve"), "/quotes/?view=approval", "hand", "", "quote.see", __("discount approval")),
        ])  # fmt: skip
        register_settings(
            "quotes", group="sales", label=_("Quotes"), icon="quote", href="/settings/quotes/", order=35, needs="settings.manage",
            says=_("Logo, terms, and how much of a discount each role may offer."),
        )  # fmt: skip
