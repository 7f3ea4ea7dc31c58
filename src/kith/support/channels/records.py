"""Channels as records: under Settings, in the API, with their history."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kith.kernel.access.scopes import configuration
from kith.kernel.kinds import Url
from kith.kernel.records.columns import Facts
from kith.kernel.records.record import Record, Section
from kith.support.channels.actions import renew_secret
from kith.support.channels.events import SecretRenewed
from kith.support.channels.models import Channel
from kith.support.channels.panels import CALLS


class ChannelRecord(Record):
    name, slug, icon = "channel", "channels", "chat"
    model, scope, settings, help = Channel, configuration, True, "tickets"
    line = ("kind", "gateway")
    lists, sort = ("name", "kind", "gateway", "active", "updated_at"), "name"
    quick = ("name", "kind", "gateway")
    form = (Section(_("Channel"), "name kind active"), Section(_("Answers"), "gateway"))
    panels, actions, events = (CALLS,), (renew_secret,), (SecretRenewed,)
    fields = {
        "name": Facts(personal="no"),
        "gateway": Facts(
            kind=Url(),
            personal="no",
            help=_("The address of your gateway to the service; empty: it only brings messages."),
        ),
        "secret_round": Facts(faces=frozenset(), only_via="channel.renew_secret"),
    }
