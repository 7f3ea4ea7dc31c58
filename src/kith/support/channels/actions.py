"""Verbs of channels."""

from __future__ import annotations

from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid
from kith.kernel.records.action import action
from kith.kernel.timeline.change import change
from kith.support.channels.events import SecretRenewed
from kith.support.channels.models import Channel
from kith.support.channels.sending import send_again as try_again
from kith.support.models import Ticket


@action("channel.renew_secret", needs="settings.manage", label=_("New secret"), icon="refresh", undo=False,
        applies=lambda row: row.archived_at is None, done=_("Calls signed with the old secret are refused from now on."))  # fmt: skip
def renew_secret(channel: Channel, *, by: Actor) -> Channel:
    """A new secret for calls of the gateway, for example because somebody who knew the old one left."""
    with change(channel, by=by) as c:
        c.row.secret_round += 1
        c.says(SecretRenewed())
    row: Channel = c.row
    return row


@action("ticket.send_again", needs="ticket.edit", label=_("Send unsent answers again"), icon="refresh", undo=False,
        applies=lambda row: row.archived_at is None, done=_("It is tried again in a moment."))  # fmt: skip
def send_again(ticket: Ticket, *, by: Actor) -> Ticket:
    """Answers that could not go out by their channel, without waiting for the next try. Raises Invalid where there are none."""
    if not try_again(ticket):
        raise Invalid(__("Every answer by a channel went out."))
    return ticket
