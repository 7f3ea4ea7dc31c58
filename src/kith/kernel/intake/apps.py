from django.apps import AppConfig


class IntakeConfig(AppConfig):
    name = "kith.kernel.intake"
    label = "intake"
