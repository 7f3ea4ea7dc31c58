from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ActivitiesConfig(AppConfig):
    name = "kith.activities"
    label = "activities"

    def ready(self) -> None:
        from django.db.models import BigIntegerField

        from kith.activities.inbox import count
        from kith.activities.queries import UNREAD
        from kith.kernel.accounts.carried import carry
        from kith.ui.shell import register_nav

        carry("unread", UNREAD, BigIntegerField())
        register_nav("inbox", label=_("Inbox"), icon="inbox", href="/inbox/", order=10, count=count, keys="b")
