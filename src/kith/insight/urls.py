"""Addresses of reports."""

from __future__ import annotations

from django.urls import path

from kith.insight import views
from kith.insight.answers import surveys
from kith.insight.attribution.views import attribution
from kith.insight.lifetime.page import lifetime
from kith.insight.retaining.page import moved, retention

urlpatterns = [
    path("", views.home, name="reports"),
    path("attribution/", attribution, name="report-attribution"),
    path("surveys/", surveys, name="report-surveys"),
    path("retention/", retention, name="report-retention"),
    path("retention/<slug:month>/<slug:kind>", moved, name="report-moved"),
    path("lifetime/", lifetime, name="report-lifetime"),
    path("<slug:name>/", views.report, name="report"),
    path("<slug:name>/standing/", views.standing, name="report-standing"),
    path("<slug:name>/export", views.export, name="report-export"),
    path("<slug:name>/filter/", views.filters, name="report-filter"),
]
