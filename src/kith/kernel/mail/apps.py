"""Where mail leaves and arrives, as a Django app."""

from django.apps import AppConfig


class MailConfig(AppConfig):
    name = "kith.kernel.mail"
    label = "mail"

    def ready(self) -> None:
        from kith.kernel.mail.leaving import register_gate
        from kith.kernel.mail.models import Arrived
        from kith.kernel.mail.suppression import gate
        from kith.kernel.records.merge import points_loosely

        register_gate(gate)
        points_loosely(Arrived, "record", "record_id")
