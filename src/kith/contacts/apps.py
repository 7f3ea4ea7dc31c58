from django.apps import AppConfig


class ContactsConfig(AppConfig):
    name = "kith.contacts"
    label = "contacts"

    def ready(self) -> None:
        from kith.contacts.enrichment import applying, listening, marks
        from kith.contacts.enrichment.builtin import BuiltIn
        from kith.contacts.enrichment.providers import register_provider
        from kith.contacts.models import Provenance
        from kith.kernel.accounts.leaving import goes_on
        from kith.kernel.records.merge import points_loosely
        from kith.kernel.timeline.readers import register_listener
        from kith.ui.panels import register_marks

        register_provider(BuiltIn())
        register_listener(listening.handles, listening.hear)
        register_listener(listening.told, listening.nothing, applying.unhear)
        points_loosely(Provenance, "record", "record_id")
        for record in ("person", "company"):
            register_marks(record, marks.expression(record), marks.marks)
        goes_on("person")
        goes_on("company")
