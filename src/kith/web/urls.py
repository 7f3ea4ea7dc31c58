"""Every address of Kith, one line for each package that has pages."""

from django.urls import include, path

from kith.api.docs import reading
from kith.ui.settings import overview
from kith.web.help import guide, picture
from kith.web.home import home
from kith.web.live_views import not_here, renew

urlpatterns = [
    path("", home, name="home"),
    path("live", not_here),
    path("c/-/live", not_here),
    path("live/renew", renew, name="live-renew"),
    path("accounts/", include("kith.kernel.accounts.urls")),
    path("api/v1/", include("kith.api.urls")),
    path("settings/", overview, name="settings"),
    path("settings/api/", reading, name="api-reading"),
    path("help/", guide, name="help"),
    path("help/pictures/<slug:name>.png", picture, name="help-picture"),
    path("help/<slug:name>/", guide, name="help-page"),
    path("reports/", include("kith.insight.urls")),
    path("", include("kith.configuration.urls")),
    path("", include("kith.automation.urls")),
    path("", include("kith.process.urls")),
    path("", include("kith.process.evidence.urls")),
    path("", include("kith.process.review.urls")),
    path("", include("kith.process.editor.urls")),
    path("", include("kith.process.handovers.urls")),
    path("ui/", include("kith.ui.urls")),
    path("", include("kith.today.urls")),
    path("", include("kith.process.forgotten.urls")),
    path("", include("kith.process.trackers.urls")),
    path("", include("kith.web.jobs_urls")),
    path("", include("kith.web.welcome_urls")),
    path("", include("kith.awareness.urls")),
    path("", include("kith.contacts.consent.urls")),
    path("", include("kith.capture.urls")),
    path("", include("kith.capture.chat.urls")),
    path("", include("kith.activities.urls")),
    path("", include("kith.engagement.urls")),
    path("", include("kith.engagement.meetings.urls")),
    path("", include("kith.engagement.budget.urls")),
    path("", include("kith.surveys.urls")),
    path("", include("kith.advocacy.urls")),
    path("", include("kith.support.articles.urls")),
    path("", include("kith.support.channels.urls")),
    path("", include("kith.support.urls")),
    path("", include("kith.deals.urls")),
    path("", include("kith.onboarding.urls")),
    path("", include("kith.deals.quotes.urls")),
    path("", include("kith.conversion.urls")),
    path("", include("kith.qualification.urls")),
    path("", include("kith.portal.urls")),
    path("", include("kith.retention.urls")),
    path("", include("kith.ui.pages.urls")),  # last: it takes every plural of a record type
]

handler400 = "kith.web.errors.unreadable"
handler403 = "kith.web.errors.forbidden"
handler404 = "kith.web.errors.not_found"
handler500 = "kith.web.faults.fault"
