"""Addresses of the public list and of the proof."""

from django.urls import path

from kith.process.forgotten import views

urlpatterns = [
    path("unattended/", views.unattended, name="unattended"),
    path("unattended/<slug:record>/<int:pk>/take", views.take_on, name="take-on"),
    path("proof/", views.proof, name="proof"),
    path("proof/now", views.prove_now, name="prove-now"),
]
