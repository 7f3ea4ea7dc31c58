"""The files app: what people attach to records."""

from django.apps import AppConfig


class FilesConfig(AppConfig):
    name = "kith.kernel.files"
    label = "files"
