"""Addresses of engagement beside its lists."""

from django.urls import path

from kith.engagement import editor, views
from kith.engagement.mailings import pages as mailingpages
from kith.engagement.tracking import public as tracked
from kith.engagement.tracking import views as tracking

urlpatterns = [
    path("templates/<int:pk>/look", views.look, name="template-look"),
    path("templates/<int:pk>/letter", views.framed, name="template-letter"),
    path("templates/pick/<slug:kind>", views.pick, name="template-pick"),
    path("templates/fill/<slug:slug>/<int:pk>", views.fill, name="template-fill"),
    path("objections/alike", views.alike_questions, name="questions-alike"),
    path("m/l/<str:token>", tracked.link, name="tracked-link"),
    path("m/o/<str:token>.gif", tracked.image, name="tracked-image"),
    path("settings/mail-tracking/", tracking.settings, name="mail-tracking"),
    path("settings/signature/", views.signature, name="signature"),
    path("mailings/<int:pk>/recipients", mailingpages.recipients, name="mailing-recipients"),
    path("sequences/<int:pk>/results", views.results, name="sequence-results"),
    path("sequences/<int:pk>/steps", editor.overview, name="sequence-steps"),
    path("sequences/<int:pk>/steps/one", editor.step, name="sequence-step"),
    path("sequences/<int:pk>/steps/filter", editor.filters, name="sequence-filter"),
    path("sequences/<int:pk>/steps/goal", editor.goal, name="sequence-goal"),
]
