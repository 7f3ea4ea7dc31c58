"""Addresses of the process map."""

from __future__ import annotations

from django.urls import path

from kith.process.evidence import views

urlpatterns = [
    path("process/map", views.process_map, name="process-map"),
    path("process/map/paths/", views.map_paths, name="process-map-paths"),
    path("process/map/filter/", views.map_filter, name="process-map-filter"),
]
