"""Addresses of the API, version 1."""

from __future__ import annotations

from django.urls import path

from kith.api import docs, exports, fields, files, imports, many, mappings, merging, others, reports, resources, views

urlpatterns = [
    path("", others.root),
    path("openapi.json", docs.openapi),
    path("search", others.finding),
    path("today", others.today),
    path("colleagues", others.colleague_list),
    path("teams", others.team_list),
    path("operations", others.operation_list),
    path("operations/<int:pk>", others.operation_read),
    path("operations/<int:pk>/undo", others.operation_undo),
    path("fields", fields.collection),
    path("fields/<int:pk>", fields.item),
    path("fields/<int:pk>/restore", fields.restore),
    path("imports", imports.collection),
    path("imports/<int:pk>", imports.item),
    path("imports/<int:pk>/mapping", imports.mapping),
    path("imports/<int:pk>/keep", imports.keep),
    path("imports/<int:pk>/rows", imports.rows),
    path("imports/<int:pk>/rejects.csv", imports.rejects),
    path("imports/<int:pk>/<slug:verb>", imports.verb),
    path("mappings", mappings.collection),
    path("mappings/<int:pk>", mappings.item),
    path("reports", reports.report_list),
    path("reports/<slug:name>", reports.report_read),
    path("files/<int:pk>", files.item),
    path("<slug:slug>/bulk", many.bulk),
    path("<slug:slug>/export", exports.rows),
    path("<slug:slug>/views", views.collection),
    path("<slug:slug>/views/<slug:key>", views.item),
    path("<slug:slug>/<int:pk>/files", files.of_record),
    path("<slug:slug>/<int:pk>/merge", merging.merging),
    path("<slug:slug>", resources.collection),
    path("<slug:slug>/<int:pk>", resources.item),
    path("<slug:slug>/<int:pk>/events", resources.events),
    path("<slug:slug>/<int:pk>/<slug:key>", resources.part),
    path("<slug:slug>/<int:pk>/actions/<slug:verb>", resources.action_run),
]
