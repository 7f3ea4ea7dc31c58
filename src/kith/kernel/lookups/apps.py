from django.apps import AppConfig


class LookupsConfig(AppConfig):
    name = "kith.kernel.lookups"
    label = "lookups"

    def ready(self) -> None:
        from kith.kernel.configuration.chapters import register_chapter
        from kith.kernel.lookups.configuring import Views

        register_chapter(Views)
