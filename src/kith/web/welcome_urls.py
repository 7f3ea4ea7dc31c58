"""Addresses of the first run and of the sample company."""

from django.urls import path

from kith.web import welcome

urlpatterns = [
    path("welcome/", welcome.organisation, name="welcome"),
    path("welcome/colleague/", welcome.colleague, name="welcome-colleague"),
    path("welcome/data/", welcome.data, name="welcome-data"),
    path("settings/sample/", welcome.sample, name="sample"),
    path("settings/sample/fill", welcome.fill_sample, name="fill-sample"),
    path("settings/sample/remove", welcome.take_sample_away, name="remove-sample"),
]
