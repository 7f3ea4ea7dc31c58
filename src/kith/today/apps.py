"""Today as a Django app: its place, its count of what is late, the sections Kith brings."""

from django.apps import AppConfig
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _


class TodayConfig(AppConfig):
    name = "kith.today"
    label = "today"

    def ready(self) -> None:
        from kith.kernel.search.commands import Command, register
        from kith.today import count
        from kith.today.rows import (
            activities,
            clocks,
            handovers,
            journeys,
            qualifying,
            relationships,
            reviews,
            serving,
            stalled,
        )  # fmt: skip
        from kith.today.sections import register_section
        from kith.ui.shell import register_nav

        count.carry_late()
        register_nav(
            "today", label=_("Today"), icon="sun", href="/", order=5, tab=True, keys="t", count=count.late,
            visible=lambda request: request.actor.can("activity.see"),
        )  # fmt: skip
        register(lambda actor: [Command(__("Go to Today"), "/", "sun", "G T", "activity.see", __("day due late next"))])
        register_section("care", "", 5, journeys.care)
        register_section("late_promises", _("Promises late"), 8, serving.late_promises)
        register_section("late", _("Late"), 10, activities.late)
        register_section("tickets", _("Tickets"), 15, serving.tickets)
        register_section("promises", _("Promises due"), 18, serving.promises)
        register_section("due", _("Due today"), 20, activities.due)
        register_section("leads", _("New"), 30, clocks.leads)
        register_section("steps", _("Over the time of their step"), 32, clocks.steps)
        register_section("qualify", _("To qualify"), 35, qualifying.to_qualify)
        register_section("asked_back", _("Handovers asked back"), 38, handovers.asked_back)
        register_section("handovers", _("Handovers to accept"), 40, handovers.handovers)
        register_section("approvals", _("Discounts to approve"), 42, reviews.approvals)
        register_section("reviews", _("Process review"), 45, reviews.reviews)
        register_section("stalled", _("Stalled deals"), 50, stalled.stalled)
        register_section("results", _("First results late"), 54, serving.first_results)
        register_section("risks", _("At risk"), 56, serving.risks)
        register_section("silent", _("Silent customers"), 60, relationships.silent)
        register_section("loose", _("No next step"), 70, relationships.loose)
