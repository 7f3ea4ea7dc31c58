"""Addresses of quotes: what a customer reaches by a signed link, and what colleagues reach beside the record page."""

from django.urls import path

from kith.deals.quotes import public, views

urlpatterns = [
    path("q/<str:token>", public.quote, name="quote-answer"),
    path("q/<str:token>/quote.pdf", public.document, name="quote-document"),
    path("quotes/<int:pk>/quote.pdf", views.document, name="quote-file"),
    path("quotes/<int:pk>/compare/<int:other>", views.compared, name="quote-compare"),
    path("settings/quotes/", views.settings, name="quote-settings"),
]
