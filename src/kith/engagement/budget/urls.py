"""Addresses of the contact budget."""

from django.urls import path

from kith.engagement.budget import views

urlpatterns = [
    path("settings/contact-budget/", views.settings, name="contact-budget"),
    path("people/<int:pk>/budget", views.warn, name="budget-warning"),
]
