"""The never-forgotten rule as a Django app: what it hears, its places, its nightly proof."""

from django.apps import AppConfig


class ForgottenConfig(AppConfig):
    name = "kith.process.forgotten"
    label = "forgotten"

    def ready(self) -> None:
        from kith.kernel.timeline.followup import watches_steps
        from kith.kernel.timeline.readers import register_listener
        from kith.process.forgotten import jobs  # noqa: F401  declares them
        from kith.process.forgotten.listening import handles, hear
        from kith.process.forgotten.looking import look

        watches_steps(look)
        register_listener(handles, hear)
