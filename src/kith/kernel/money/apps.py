from django.apps import AppConfig


class MoneyConfig(AppConfig):
    name = "kith.kernel.money"
    label = "money"
