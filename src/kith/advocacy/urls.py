"""Addresses that customers and their friends open."""

from django.urls import path

from kith.advocacy import pages, public

urlpatterns = [
    path("settings/asks/", pages.asks, name="ask-limits"),
    path("r/own/<str:token>", public.own, name="referral-own"),
    path("r/<slug:code>", public.come, name="referral-come"),
    path("i/<str:token>", public.board, name="idea-board"),
]
