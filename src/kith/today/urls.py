"""The part of the day that asks for itself again; the page itself is the home page."""

from django.urls import path

from kith.today import views

urlpatterns = [path("today", views.part_or_home, name="today")]
