"""Where gateways call."""

from django.urls import path

from kith.support.channels import hooks

urlpatterns = [path("hooks/channels/<int:pk>/", hooks.heard, name="channel-heard")]
