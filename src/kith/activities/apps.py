from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ActivitiesConfig(AppConfig):
    name = "kith.activities"
    label = "activities"

    def ready(self) -> None:
        from django.db.models import BigIntegerField, Q

        from kith.activities import incoming, mailpanels, returned
        from kith.activities.inbox import count
        from kith.activities.queries import UNREAD
        from kith.activities.whose import hold_together
        from kith.kernel.accounts.carried import carry
        from kith.kernel.accounts.leaving import goes_on
        from kith.kernel.mail.working import register_filer, register_holder, register_reporter
        from kith.ui.settings import register_settings
        from kith.ui.shell import register_nav

        carry("unread", UNREAD, BigIntegerField())
        goes_on("activity", where=Q(done_at__isnull=True))
        register_holder(hold_together)
        register_filer(incoming.file)
        register_reporter(returned.take_in)
        mailpanels.register()
        register_nav("inbox", label=_("Inbox"), icon="inbox", href="/inbox/", order=10, count=count, keys="b")
        register_settings(
            "notifications", group="you", label=_("Notifications"), icon="bell", href="/settings/notifications/", order=60,
            says=_("What is mailed to you, at once or once a day."),
        )  # fmt: skip
