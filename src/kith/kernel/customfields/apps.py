from django.apps import AppConfig


class CustomfieldsConfig(AppConfig):
    name = "kith.kernel.customfields"
    label = "customfields"

    def ready(self) -> None:
        from kith.kernel.configuration.chapters import register_chapter
        from kith.kernel.customfields.configuring import Fields

        register_chapter(Fields)
