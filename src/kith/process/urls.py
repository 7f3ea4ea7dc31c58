"""Addresses of what joins steps and has no folder of its own."""

from django.urls import path

from kith.process import known

urlpatterns = [path("known-answers/mail/<int:pk>", known.of_mail, name="known-answers-mail")]
