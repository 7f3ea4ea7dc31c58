from django.apps import AppConfig


class TimelineConfig(AppConfig):
    name = "kith.kernel.timeline"
    label = "timeline"
