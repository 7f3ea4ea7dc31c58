"""Addresses of the settings of deals. Products, price lists and rates are ordinary lists; their addresses lead there."""

from django.urls import path
from django.views.generic import RedirectView

from kith.deals import views

LISTS = {"products": "/products/", "price-lists": "/price-lists/", "rates": "/rates/"}

urlpatterns = [
    path("settings/pipelines/", views.pipelines, name="pipelines"),
    path("settings/pipelines/stage/<int:pk>", views.stage_rule, name="stage-rule"),
    path("settings/reasons/", views.reasons, name="reasons"),
    *(path(f"settings/{slug}/", RedirectView.as_view(url=to)) for slug, to in LISTS.items()),
]
