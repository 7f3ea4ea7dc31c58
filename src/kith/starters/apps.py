from django.apps import AppConfig


class StartersConfig(AppConfig):
    name = "kith.starters"
    label = "starters"
