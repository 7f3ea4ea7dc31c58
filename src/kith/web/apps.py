from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "kith.web"
    label = "web"

    def ready(self) -> None:
        from kith.web.shell import wire

        wire()
