"""Addresses of retention: its settings, and the map of whom nobody speaks with."""

from django.urls import path

from kith.retention import pages

urlpatterns = [
    path("settings/health/", pages.settings, name="health-settings"),
    path("settings/health/<slug:slug>/<int:pk>/where", pages.where, name="health-where"),
    path("coverage/", pages.coverage, name="coverage"),
    path("<slug:slug>/<int:pk>/occasion", pages.occasion, name="occasion"),
]
