"""Channels as a Django app: who comes by them, their place under Settings."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ChannelsConfig(AppConfig):
    name = "kith.support.channels"
    label = "channels"

    def ready(self) -> None:
        from kith.contacts.arriving import register_way
        from kith.kernel.records.registry import registry
        from kith.support.channels import hearing
        from kith.support.channels.actions import send_again
        from kith.ui.settings import register_settings

        register_way(hearing.WAY, hearing.taken)
        registry.lend_actions("ticket", send_again)
        register_settings(
            "channels", group="sales", label=_("Channels"), icon="chat", href="/channels/", order=21, needs="channel.see",
            says=_("WhatsApp, SMS and social networks: messages that become tickets, and answers that go back."),
        )  # fmt: skip
