from django.apps import AppConfig


class CustomfieldsConfig(AppConfig):
    name = "kith.kernel.customfields"
    label = "customfields"
