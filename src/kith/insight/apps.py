"""Insight as a Django app: its place in the sidebar and its commands."""

from django.apps import AppConfig
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _


class InsightConfig(AppConfig):
    name = "kith.insight"
    label = "insight"

    def ready(self) -> None:
        from kith.insight.lifetime.keeping import make_room
        from kith.kernel.records.merge import before_merge
        from kith.kernel.search.commands import Command, register
        from kith.ui.shell import register_nav

        before_merge(make_room)
        register_nav(
            "insight", label=_("Insight"), icon="chart", href="/reports/", section="below", order=20, keys="i",
            visible=lambda request: request.actor.can("deal.see"),
        )  # fmt: skip
        register(lambda actor: [
            Command(__("Go to Insight"), "/reports/", "chart", "G I", "deal.see", __("reports figures win rate")),
            Command(__("Report on activity"), "/reports/activity/", "chart", "", "activity.see", __("calls meetings who did what")),
            Command(__("Retention and movements"), "/reports/retention/", "chart", "", "order.see", __("churn cohorts net revenue retention mrr arr")),
            Command(__("Lifetime value of customers"), "/reports/lifetime/", "chart", "", "order.see", __("clv expected worth customers")),
        ])  # fmt: skip
