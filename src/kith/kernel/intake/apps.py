from django.apps import AppConfig
from django.utils.translation import gettext


class IntakeConfig(AppConfig):
    name = "kith.kernel.intake"
    label = "intake"

    def ready(self) -> None:
        from kith.kernel.intake import undoing  # noqa: F401  registers how imports are taken back
        from kith.kernel.intake.readers.words import speak

        speak(gettext)
