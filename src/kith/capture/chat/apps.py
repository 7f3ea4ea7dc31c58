"""Chats with visitors of the organisation's own site, as a Django app."""

from django.apps import AppConfig
from django.db.models import Q
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _


class ChatConfig(AppConfig):
    name = "kith.capture.chat"
    label = "chat"

    def ready(self) -> None:
        from kith.activities.notices import KINDS
        from kith.capture import incoming
        from kith.capture.chat import knowing, routing
        from kith.kernel.accounts.leaving import goes_on
        from kith.kernel.search.commands import Command, register
        from kith.kernel.timeline.readers import register_follower
        from kith.ui.settings import register_settings
        from kith.ui.shell import register_nav

        incoming.register(knowing.CHAT, knowing.taken, told=knowing.told_on)
        KINDS.setdefault(routing.KIND, (routing.NOTICE, "asked"))
        register_follower("conversation", ("conversation.answered",), knowing.follow_clocks)
        goes_on("conversation", where=~Q(state="closed"))
        register_nav(
            "chats", label=_("Chats"), icon="chat", href="/chats/", order=12,
            visible=lambda request: request.actor.can("conversation.see"),
        )  # fmt: skip
        register_settings(
            "chat-widgets", group="sales", label=_("Chat"), icon="chat", href="/chat-widgets/", order=6,
            needs="chat_widget.see", says=_("A button on your site to talk to you, and the bot that asks first."),
        )  # fmt: skip
        register(lambda actor: [
            Command(__("Chats"), "/chats/", "chat", "", "conversation.see", __("live talk visitors desk")),
        ])  # fmt: skip
