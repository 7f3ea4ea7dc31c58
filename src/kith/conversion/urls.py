"""Addresses of conversion beside the generic ones: how promises are kept, what invoicing sees otherwise, the export."""

from django.urls import path

from kith.conversion import views

urlpatterns = [
    path("promises/kept/", views.kept, name="promises-kept"),
    path("orders/mismatches/", views.mismatches, name="order-mismatches"),
    path("orders/export.csv", views.export, name="order-export"),
]
