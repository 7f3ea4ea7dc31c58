from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class RecordsConfig(AppConfig):
    name = "kith.kernel.records"
    label = "records"

    def ready(self) -> None:
        from kith.kernel.records import checks  # noqa: F401  registers the start-up checks

        autodiscover_modules("events", "actions", "records", "panels")
