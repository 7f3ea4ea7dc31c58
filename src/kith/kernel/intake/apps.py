from django.apps import AppConfig
from django.utils.translation import gettext


class IntakeConfig(AppConfig):
    name = "kith.kernel.intake"
    label = "intake"

    def ready(self) -> None:
        from kith.kernel.intake import keeping, undoing  # noqa: F401  register how imports and kept mappings are taken back
        from kith.kernel.intake.readers.words import speak

        speak(gettext)
