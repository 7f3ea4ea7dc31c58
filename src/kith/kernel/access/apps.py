from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "kith.kernel.access"
    label = "access"
