"""Pages for the person themselves, behind signed links: their own page, confirming, unsubscribing."""

from django.urls import path

from kith.contacts.consent import views

urlpatterns = [
    path("consent/confirm/<str:token>", views.confirm, name="consent-confirm"),
    path("consent/<str:token>", views.centre, name="consent-centre"),
    path("unsubscribe/<str:token>", views.unsubscribe, name="unsubscribe"),
]
