"""What people agreed to, as a Django app: the gate at the one place where mail leaves, and the panel of a person."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ConsentConfig(AppConfig):
    name = "kith.contacts.consent"
    label = "consent"

    def ready(self) -> None:
        from kith.contacts.consent.panels import CONSENT
        from kith.contacts.consent.parts import CONSENTS
        from kith.contacts.consent.queries import gate
        from kith.contacts.consent.undoing import VERBS, unhear
        from kith.kernel.mail.leaving import register_gate
        from kith.kernel.records.registry import registry
        from kith.kernel.timeline.readers import register_listener
        from kith.ui.panels import register_panel
        from kith.ui.settings import register_settings

        register_gate(gate)
        register_listener(lambda verb: verb in VERBS, lambda entries, by: None, unhear)
        register_panel(CONSENT, on="person")
        registry.lend_parts("person", CONSENTS)
        register_settings(
            "purposes", group="data", label=_("Purposes"), icon="shield", href="/purposes/", order=30,
            says=_("What people are asked to agree to, in which words."),
        )  # fmt: skip
