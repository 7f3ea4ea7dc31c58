"""Addresses of reports."""

from __future__ import annotations

from django.urls import path

from kith.insight import views

urlpatterns = [
    path("", views.home, name="reports"),
    path("<slug:name>/", views.report, name="report"),
    path("<slug:name>/export", views.export, name="report-export"),
    path("<slug:name>/filter/", views.filters, name="report-filter"),
]
