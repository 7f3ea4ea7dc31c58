"""Addresses of the design system itself; the project mounts them under /ui/."""

from django.urls import path

from kith.ui import gallery, views

app_name = "ui"
urlpatterns = [
    path("", gallery.gallery, name="gallery"),
    path("options/", gallery.options, name="options"),
    path("look/", views.look, name="look"),
]
