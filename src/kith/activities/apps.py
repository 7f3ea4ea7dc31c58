from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ActivitiesConfig(AppConfig):
    name = "kith.activities"
    label = "activities"

    def ready(self) -> None:
        from django.db.models import BigIntegerField, Q

        from kith.activities import incoming, mailpanels, privacy, returned
        from kith.activities.inbox import count
        from kith.activities.panels import ABOUT
        from kith.activities.queries import UNREAD
        from kith.activities.sharing import share_contact, share_mail
        from kith.activities.whose import hold_together
        from kith.kernel.accounts.carried import carry
        from kith.kernel.accounts.leaving import goes_on
        from kith.kernel.files.queries import register_hiding
        from kith.kernel.mail.scopes import register_apart
        from kith.kernel.mail.working import register_filer, register_holder, register_reporter
        from kith.kernel.records.registry import registry
        from kith.ui.settings import register_settings
        from kith.ui.shell import register_nav

        carry("unread", UNREAD, BigIntegerField())
        goes_on("activity", where=Q(done_at__isnull=True))
        register_holder(hold_together)
        register_hiding(privacy.hidden_files)
        register_apart(privacy.arrivals_apart)
        register_filer(incoming.file)
        register_reporter(returned.take_in)
        mailpanels.register()
        for record in ABOUT:  # all of them are known by now, those of the floors above too
            registry.lend_actions(record, share_mail)
        for record in ("person", "company"):
            registry.lend_actions(record, share_contact)
        register_nav("inbox", label=_("Inbox"), icon="inbox", href="/inbox/", order=10, count=count, keys="b")
        register_settings(
            "notifications", group="you", label=_("Notifications"), icon="bell", href="/settings/notifications/", order=60,
            says=_("What is mailed to you, at once or once a day."),
        )  # fmt: skip
