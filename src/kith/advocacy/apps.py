"""The ninth step: customers who bring the next ones."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AdvocacyConfig(AppConfig):
    name = "kith.advocacy"
    label = "advocacy"

    def ready(self) -> None:
        from django.utils.translation import gettext as __

        from kith.advocacy import listening, referring
        from kith.contacts.arriving import register_way
        from kith.kernel.search.commands import Command
        from kith.kernel.search.commands import register as register_command
        from kith.kernel.timeline.readers import register_listener
        from kith.ui.settings import register_settings

        register_way(referring.WAY, referring.taken)
        register_listener(listening.handles, listening.hear, listening.unhear)
        register_command(lambda actor: [
            Command(__("Referrals"), "/referrals/", "gift", "", "referral.see", __("recommend reward code")),
            Command(__("References"), "/references/?face=board", "quote", "", "reference.see", __("case study quote logo call")),
            Command(__("Reviews"), "/public-reviews/", "star", "", "public_review.see", __("stars public")),
            Command(__("Ideas"), "/ideas/", "zap", "", "idea.see", __("wishes votes board feature requests")),
        ])  # fmt: skip
        for key, label, icon, order, says in (
            ("referral-programmes", _("Referral programmes"), "gift", 72, _("What who recommends us gets, and after what.")),
            ("review-sites", _("Review sites"), "star", 74, _("Where customers review us, and when they are asked to.")),
        ):  # fmt: skip
            register_settings(
                key, group="sales", label=label, icon=icon, href=f"/{key}/", order=order, needs="settings.manage", says=says
            )  # fmt: skip
        register_settings(
            "asks", group="sales", label=_("Limits of asks"), icon="hourglass", href="/settings/asks/", order=76,
            needs="settings.manage", says=_("How often customers are asked for references, calls and reviews."),
        )  # fmt: skip
