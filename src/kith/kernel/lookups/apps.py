from django.apps import AppConfig


class LookupsConfig(AppConfig):
    name = "kith.kernel.lookups"
    label = "lookups"
