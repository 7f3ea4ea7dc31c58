"""Addresses of forms: what strangers reach under /f/, and the pages of those who make and read them."""

from django.urls import path

from kith.capture import builder, elsewhere, public, views
from kith.capture.magnets import pages

urlpatterns = [
    path("f/form.css", elsewhere.sheet, name="form-sheet"),
    path("f/proof.js", elsewhere.prover, name="form-prover"),
    path("f/<slug:key>", public.form_page, name="form"),
    path("f/<slug:key>/thanks", public.thanks, name="form-thanks"),
    path("f/<slug:key>/logo", elsewhere.logo, name="form-logo"),
    path("f/<slug:key>/get/<str:token>", pages.gift, name="form-gift"),
    path("f/<slug:key>.css", elsewhere.style, name="form-style"),
    path("f/<slug:key>.js", elsewhere.script, name="form-script"),
    path("f/<slug:key>.proof", elsewhere.proof, name="form-proof"),
    path("f/<slug:key>.json", elsewhere.parts, name="form-parts"),
    path("forms/<int:pk>/build", builder.build, name="form-builder"),
    path("incoming/", views.incoming, name="incoming"),
    path("settings/incoming/", views.limits, name="incoming-limits"),
    path("speed-to-lead/", views.speed, name="speed-to-lead"),
]
