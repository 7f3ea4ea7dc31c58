"""The contact budget, as a Django app: a pace at the one place where mail leaves."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BudgetConfig(AppConfig):
    name = "kith.engagement.budget"
    label = "budget"

    def ready(self) -> None:
        from kith.engagement.budget.spending import pace
        from kith.kernel.mail.clearing import register_pace
        from kith.ui.settings import register_settings

        register_pace(pace)
        register_settings(
            "contact-budget", group="sales", label=_("Contact budget"), icon="hourglass", href="/settings/contact-budget/", order=64,
            needs="settings.manage", says=_("How often one person hears from us in a week."),
        )  # fmt: skip
