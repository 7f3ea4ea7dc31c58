from django.apps import AppConfig


class OrganisationConfig(AppConfig):
    name = "kith.kernel.organisation"
    label = "organisation"
