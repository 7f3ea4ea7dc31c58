"""The eighth step, where nobody asks: health, renewals, why customers leave, and whom nobody has spoken with."""

from django.apps import AppConfig
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _


class RetentionConfig(AppConfig):
    name = "kith.retention"
    label = "retention"

    def ready(self) -> None:
        from kith.kernel.records.merge import before_merge
        from kith.kernel.search.commands import Command, register
        from kith.kernel.timeline.readers import register_follower, register_listener
        from kith.retention.churn import leaving
        from kith.retention.health import dirty, merging, whose
        from kith.retention.renewals import deciding, values
        from kith.ui.settings import register_settings

        register_listener(dirty.handles, dirty.hear)
        register_listener(values.handles, values.hear, values.unhear)
        register_listener(deciding.renewed_elsewhere, deciding.follow_order)
        register_listener(leaving.came_back, leaving.welcome_back)
        for record in ("company", "person"):
            register_follower(record, whose.verbs(record), whose.follower(record))
        before_merge(merging.make_room)
        register(lambda actor: [
            Command(__("Renewals"), "/renewals/", "clock", "", "renewal.see", __("contracts that come up again")),
            Command(__("Coverage"), "/coverage/", "people", "", "company.see", __("whom nobody has spoken with silent tiers")),
            Command(__("Customers who left"), "/churns/", "x", "", "churn.see", __("churn why customers leave")),
        ])  # fmt: skip
        register_settings(
            "health", group="sales", label=_("Health and leaving"), icon="chart", href="/settings/health/", order=66,
            needs="settings.manage", says=_("What customers' health is made of, whom we speak with how often, and who leaves."),
        )  # fmt: skip
