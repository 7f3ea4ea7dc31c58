"""Addresses of the API, version 1."""

from __future__ import annotations

from django.urls import path

from kith.api import docs, mappings, others, reports, resources

urlpatterns = [
    path("", others.root),
    path("openapi.json", docs.openapi),
    path("operations", others.operation_list),
    path("operations/<int:pk>/undo", others.operation_undo),
    path("mappings", mappings.collection),
    path("mappings/<int:pk>", mappings.item),
    path("reports", reports.report_list),
    path("reports/<slug:name>", reports.report_read),
    path("<slug:slug>", resources.collection),
    path("<slug:slug>/<int:pk>", resources.item),
    path("<slug:slug>/<int:pk>/events", resources.events),
    path("<slug:slug>/<int:pk>/<slug:key>", resources.part),
    path("<slug:slug>/<int:pk>/actions/<slug:verb>", resources.action_run),
]
