"""Addresses of meetings: what strangers reach under /book/, and a colleague's other calendar."""

from django.urls import path

from kith.engagement.meetings import own, public, views

urlpatterns = [
    path("book/own/<str:token>", own.own, name="booking-own"),
    path("book/own/<str:token>/move", own.move, name="booking-move"),
    path("book/own/<str:token>/cancel", own.cancel, name="booking-cancel"),
    path("book/own/<str:token>/meeting.ics", own.entry, name="booking-entry"),
    path("book/<slug:key>", public.book, name="book"),
    path("settings/other-calendar/", views.other_calendar, name="other-calendar"),
]
