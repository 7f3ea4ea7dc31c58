"""The fourth step of the process, as a Django app."""

from django.apps import AppConfig
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _


class EngagementConfig(AppConfig):
    name = "kith.engagement"
    label = "engagement"

    def ready(self) -> None:
        from kith.activities.mail import register_dresser
        from kith.engagement import enclosing, listening
        from kith.engagement.actions import enrol
        from kith.engagement.asking import raise_question
        from kith.engagement.dressing import put_on
        from kith.engagement.enrolling import stop_before_merge
        from kith.engagement.mailings import returning
        from kith.engagement.tracking import listening as tracking
        from kith.kernel.mail.working import register_reporter
        from kith.kernel.records.merge import before_merge
        from kith.kernel.records.registry import registry
        from kith.kernel.search.commands import Command
        from kith.kernel.search.commands import register as register_command
        from kith.kernel.timeline.readers import register_listener
        from kith.ui.settings import register_settings

        registry.lend_actions("person", enrol)
        for record in ("person", "company", "deal", "activity"):
            registry.lend_actions(record, raise_question)
        register_listener(listening.handles, listening.hear)
        register_listener(enclosing.handles, enclosing.hear)
        register_listener(returning.handles, returning.hear)
        register_listener(tracking.handles, tracking.hear)
        register_reporter(returning.report)
        register_dresser(put_on)
        before_merge(stop_before_merge)
        register_command(lambda actor: [
            Command(__("Questions they ask"), "/objections/", "help", "", "objection.see", __("objections answers")),
        ])  # fmt: skip
        register_settings(
            "templates", group="sales", label=_("Mail templates"), icon="mail", href="/templates/", order=7, needs="template.see",
            says=_("Mails written once, in every language, and the snippets for what one writes again and again."),
        )  # fmt: skip
        register_settings(
            "question-themes", group="sales", label=_("Themes of questions"), icon="tag", href="/question-themes/", order=9,
            needs="settings.manage", says=_("What questions and objections are about, counted against deals won and lost."),
        )  # fmt: skip
        register_settings(
            "mail-tracking", group="data", label=_("Mail tracking"), icon="eye", href="/settings/mail-tracking/", order=31,
            needs="settings.manage", says=_("Whether opens and clicks of mail are counted, of those who agreed."),
        )  # fmt: skip
        register_settings(
            "signature", group="you", label=_("Signature"), icon="pencil", href="/settings/signature/", order=55,
            says=_("What stands under the mails you write."),
        )  # fmt: skip
