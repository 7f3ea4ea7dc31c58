"""The seventh step: the plan by which a new customer reaches a first result."""

from django.apps import AppConfig
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _


class OnboardingConfig(AppConfig):
    name = "kith.onboarding"
    label = "onboarding"

    def ready(self) -> None:
        from kith.activities.notices import KINDS
        from kith.kernel.search.commands import Command
        from kith.kernel.search.commands import register as register_command
        from kith.kernel.timeline.readers import register_listener
        from kith.onboarding import listening
        from kith.onboarding.moving import KIND
        from kith.ui.settings import register_settings

        KINDS.setdefault(KIND, (_("How your onboardings go, and what customers ask there"), "once"))
        register_listener(listening.takes_over, listening.begin)
        register_listener(listening.opens_again, listening.bring_to_rest)
        register_listener(listening.does, listening.follow_activities)
        register_listener(listening.steps_written, listening.hear_steps)
        register_listener(listening.weighs, listening.hear_plans)
        register_listener(listening.tells, listening.hear_results)
        register_command(lambda actor: [
            Command(__("Onboarding"), "/onboarding/", "flag", "", "onboarding_plan.see", __("first result time to value late capacity")),
            Command(__("Onboardings"), "/onboarding-plans/", "flag", "", "onboarding_plan.see", __("plans on their way")),
        ])  # fmt: skip
        register_settings(
            "onboarding", group="sales", label=_("Onboarding"), icon="flag", href="/plan-templates/", order=8,
            needs="settings.manage", says=_("What new customers of a product go through, step by step."),
        )  # fmt: skip
        register_settings(
            "first-values", group="sales", label=_("First results"), icon="trophy", href="/first-values/", order=9,
            needs="settings.manage", says=_("By which event a first result with a product is known."),
        )  # fmt: skip
