"""Every address of Kith, one line for each package that has pages."""

from django.urls import include, path

urlpatterns = [
    path("accounts/", include("kith.kernel.accounts.urls")),
]
