"""Addresses of automation beside its lists: replay, steps, pausing, and where other systems call."""

from django.urls import path

from kith.automation import editor, hooks, views

urlpatterns = [
    path("hooks/<str:token>", hooks.hook, name="workflow-hook"),
    path("workflows/<int:pk>/replay", views.replay_page, name="workflow-replay"),
    path("workflows/<int:pk>/steps", editor.overview, name="workflow-steps"),
    path("workflows/<int:pk>/steps/start", editor.starts, name="workflow-start"),
    path("workflows/<int:pk>/steps/filter", editor.filters, name="workflow-filter"),
    path("workflows/<int:pk>/steps/one", editor.step, name="workflow-step"),
    path("settings/process/<slug:key>/<slug:stage>/automation/<int:at>/try/", views.try_stage, name="automation-stage"),
    path("settings/automation/", views.overview, name="automation"),
    path("settings/automation/shipped/<slug:key>", views.add_shipped, name="automation-shipped"),
    path("settings/automation/<int:pk>/switch", views.switch, name="automation-switch"),
    path("settings/automation/calls", views.calls, name="automation-calls"),
    path("settings/automation/pause", views.pause, name="automation-pause"),
]
