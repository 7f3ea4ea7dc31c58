"""Addresses of onboarding: the customer's page, and how onboardings fare."""

from django.urls import path

from kith.onboarding import public, views

urlpatterns = [
    path("o/<str:token>", public.own, name="onboarding-own"),
    path("onboarding/", views.overview, name="onboarding-overview"),
]
