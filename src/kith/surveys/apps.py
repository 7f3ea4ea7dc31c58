"""What people answer when they are asked how it went."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SurveysConfig(AppConfig):
    name = "kith.surveys"
    label = "surveys"

    def ready(self) -> None:
        from django.utils.translation import gettext as __

        from kith.kernel.search.commands import Command
        from kith.kernel.search.commands import register as register_command
        from kith.kernel.timeline.readers import register_listener
        from kith.surveys import listening
        from kith.ui.settings import register_settings

        register_listener(listening.handles, listening.hear, listening.unhear)
        register_listener(lambda verb: verb in listening.DONE, listening.hear_done)
        register_command(lambda actor: [
            Command(__("Survey answers"), "/survey-responses/", "star", "", "response.see", __("nps csat satisfaction detractors")),
            Command(__("Surveys"), "/surveys/", "star", "", "survey.see", __("nps csat ces questions")),
        ])  # fmt: skip
        register_settings(
            "surveys", group="sales", label=_("Surveys"), icon="star", href="/surveys/", order=68, needs="survey.see",
            says=_("What people are asked afterwards, how often, and who follows up."),
        )  # fmt: skip
