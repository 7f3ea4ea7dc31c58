"""Addresses of hand-overs."""

from django.urls import path

from kith.process.handovers import views

urlpatterns = [
    path("journeys/<int:pk>/handover", views.dossier, name="handover"),
    path("process/handovers/", views.overview, name="handovers"),
]
