"""Addresses of the configuration under Settings."""

from django.urls import path

from kith.configuration import views

urlpatterns = [
    path("settings/configuration/", views.overview, name="configuration"),
    path("settings/configuration/download", views.download, name="configuration-download"),
    path("settings/configuration/upload", views.upload, name="configuration-upload"),
    path("settings/configuration/review/", views.reviewing, name="configuration-review"),
    path("settings/configuration/<int:pk>/back", views.take_back, name="configuration-back"),
]
