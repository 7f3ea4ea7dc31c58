"""The database app: the embedded server, dumps, and nothing that has a table."""

from django.apps import AppConfig


class DatabaseConfig(AppConfig):
    name = "kith.kernel.database"
    label = "database"
