"""The never-forgotten rule as a Django app: what it hears, its places, its nightly proof."""

from django.apps import AppConfig
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _


class ForgottenConfig(AppConfig):
    name = "kith.process.forgotten"
    label = "forgotten"

    def ready(self) -> None:
        from kith.kernel.accounts.leaving import warns
        from kith.kernel.search.commands import Command, register
        from kith.kernel.timeline.followup import watches_steps
        from kith.kernel.timeline.readers import register_listener
        from kith.process.forgotten import count, jobs  # noqa: F401  declares them
        from kith.process.forgotten.leaving import say_what_would_be_left
        from kith.process.forgotten.listening import handles, hear
        from kith.process.forgotten.looking import look
        from kith.ui.settings import register_settings
        from kith.ui.shell import register_nav

        watches_steps(look)
        register_listener(handles, hear)
        warns(say_what_would_be_left)
        count.carry_count()
        register_nav(
            "unattended", label=_("Without a next step"), icon="flag", href="/unattended/", section="below", order=10,  # type: ignore[arg-type]
            count=count.count, visible=count.visible,
        )  # fmt: skip
        register_settings(
            "proof", group="system", label=_("Nobody is forgotten"), icon="shield", href="/proof/", order=15,
            needs="settings.manage", says=_("Proved every night: who was checked, and what was found."),
        )  # fmt: skip
        register(lambda actor: [
            Command(__("Without a next step"), "/unattended/", "flag", "", "deal.see", __("forgotten unattended list nobody")),
        ])  # fmt: skip
