"""Addresses of the inbox, the outbox and the calendar feed."""

from django.urls import path

from kith.activities import inbox, mailpage

urlpatterns = [
    path("inbox/", inbox.inbox, name="inbox"),
    path("inbox/read", inbox.read, name="inbox-read-all"),
    path("inbox/<int:pk>/read", inbox.read, name="inbox-read"),
    path("inbox/notice/<int:pk>/read", inbox.read_notice, name="inbox-read-notice"),
    path("settings/notifications/", inbox.choices, name="notifications"),
    path("inbox/mail/<int:pk>/<slug:verb>", inbox.message, name="unsent-mail"),
    path("mail/<int:pk>", mailpage.mail, name="mail"),
    path("inbox/calendar/new", inbox.new_feed, name="new-feed"),
    path("calendar/<str:token>.ics", inbox.calendar_feed, name="calendar-feed"),
]
