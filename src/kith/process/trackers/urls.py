"""Where trackers call."""

from django.urls import path

from kith.process.trackers import hooks

urlpatterns = [path("hooks/trackers/<int:pk>/", hooks.heard, name="tracker-heard")]
