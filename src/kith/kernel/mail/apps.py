from django.apps import AppConfig


class MailConfig(AppConfig):
    name = "kith.kernel.mail"
    label = "mail"
