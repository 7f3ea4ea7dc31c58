"""The files app: what people attach to records."""

from django.apps import AppConfig


class FilesConfig(AppConfig):
    name = "kith.kernel.files"
    label = "files"

    def ready(self) -> None:
        from kith.kernel.files.models import StoredFile
        from kith.kernel.records.merge import points_loosely

        points_loosely(StoredFile, "record_type", "record_id")
