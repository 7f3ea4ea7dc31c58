"""Parts of pages: where the gateway of a channel calls us, and with which secret."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from kith.kernel.access.actor import Actor
from kith.kernel.accounts.links import site_address
from kith.support.channels.models import Channel, Passage, Passed
from kith.support.channels.sending import secret_of
from kith.ui.panels import Panel


def calls(actor: Actor, channel: Channel) -> dict[str, Any] | None:
    """For whoever sets it up."""
    if not actor.can("settings.manage"):
        return None
    unsent = Passed.objects.filter(writer__channel=channel, state=Passage.FAILED).select_related("entry__ticket")
    return {"address": f"{site_address()}/hooks/channels/{channel.pk}/", "secret": secret_of(channel), "channel": channel,
            "failed": list(unsent.order_by("-pk")[:20])}  # fmt: skip


CALLS = Panel("calls", _("How its gateway calls us"), "channels/panel_calls.html", calls, place="main", order=5,
              verbs=("renew_secret",))  # fmt: skip
