"""Addresses of the customers' pages."""

from django.urls import path

from kith.portal import settingspage, views

urlpatterns = [
    path("portal/", views.home, name="portal"),
    path("portal/in/<str:token>", views.come_in, name="portal-in"),
    path("portal/out", views.go_out, name="portal-out"),
    path("portal/tickets/new", views.ask, name="portal-ask"),
    path("portal/tickets/suggested", views.suggested, name="portal-suggested"),
    path("portal/tickets/<int:pk>", views.ticket, name="portal-ticket"),
    path("portal/files/<int:pk>", views.document, name="portal-file"),
    path("settings/portal/", settingspage.settings_page, name="portal-settings"),
]
