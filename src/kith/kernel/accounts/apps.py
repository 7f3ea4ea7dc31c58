"""People who sign in, as a Django app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "kith.kernel.accounts"
    label = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from kith.kernel.accounts import factors

        factors.connect()
