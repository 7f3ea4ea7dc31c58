"""Addresses of surveys: what people reach who were asked."""

from django.urls import path

from kith.surveys import public

urlpatterns = [path("s/<str:token>", public.asked, name="survey-asked")]
