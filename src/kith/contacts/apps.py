from django.apps import AppConfig


class ContactsConfig(AppConfig):
    name = "kith.contacts"
    label = "contacts"

    def ready(self) -> None:
        from kith.kernel.accounts.leaving import goes_on

        goes_on("person")
        goes_on("company")
