"""Addresses of the pages of background work."""

from django.urls import path

from kith.web import jobs_pages

urlpatterns = [
    path("settings/jobs/", jobs_pages.jobs, name="jobs"),
    path("settings/jobs/<int:pk>/", jobs_pages.one_job, name="job"),
    path("settings/jobs/<int:pk>/<slug:verb>", jobs_pages.act, name="job-act"),
    path("settings/schedules/<int:pk>", jobs_pages.schedule, name="schedule"),
]
