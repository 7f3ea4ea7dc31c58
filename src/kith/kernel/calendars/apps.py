from django.apps import AppConfig


class CalendarsConfig(AppConfig):
    name = "kith.kernel.calendars"
    label = "calendars"
