"""Addresses of the first step that no list or record page gives."""

from django.urls import path

from kith.awareness import segmentpages
from kith.awareness.campaigns import pages as campaignpages
from kith.awareness.profiles import pages as profilepages
from kith.awareness.profiles import worksheet
from kith.awareness.touches import site

urlpatterns = [
    path("t.js", site.script, name="site-script"),
    path("t", site.report, name="site-report"),
    path("segments/<int:pk>/conditions", segmentpages.conditions, name="segment-conditions"),
    path("segments/<int:pk>/why/<int:row>", segmentpages.why, name="segment-why"),
    path("segments/of/<slug:slug>", segmentpages.of_list, name="segment-of-list"),
    path("campaigns/<int:pk>/attendance", campaignpages.attendance, name="campaign-attendance"),
    path("profiles/<int:pk>/criteria/new", profilepages.criterion, name="criterion-new"),
    path("profiles/<int:pk>/criteria/<int:number>", profilepages.criterion, name="criterion"),
    path("research/worksheet", worksheet.show, name="research-worksheet"),
    path("profiles/of/<slug:subject>/<int:row>", profilepages.then, name="profile-then"),
]
