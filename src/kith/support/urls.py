"""Addresses of the desk: the queue, one ticket's talk, fairness, the house's rules."""

from django.urls import path

from kith.support import levelpage, views

urlpatterns = [
    path("tickets/desk/", views.desk, name="ticket-desk"),
    path("tickets/<int:pk>/talk", views.talk, name="ticket-talk"),
    path("tickets/<int:pk>/here", views.here, name="ticket-here"),
    path("service-levels/<int:pk>/customers", levelpage.customers, name="level-customers"),
    path("service-levels/<int:pk>/people", levelpage.people, name="level-people"),
    path("agents/fairness/", views.fairness, name="ticket-fairness"),
    path("settings/tickets/", views.house, name="ticket-rules"),
]
