"""The process review as a Django app: what it hears, when it works, where it is found."""

from django.apps import AppConfig
from django.utils.translation import gettext as __


class ReviewConfig(AppConfig):
    name = "kith.process.review"
    label = "review"

    def ready(self) -> None:
        from kith.kernel.search.commands import Command, register
        from kith.kernel.timeline.readers import register_listener
        from kith.process.review import jobs  # noqa: F401  declares them
        from kith.process.review.listening import handles, hear

        register_listener(handles, hear)
        register(lambda actor: [
            Command(__("Process reviews"), "/process/reviews", "map", "", "review.see", __("review meeting decisions proposals")),
            Command(__("What colleagues say about the process"), "/feedback/", "chat", "", "feedback.see", __("feedback hinders")),
        ])  # fmt: skip
