"""What happens to channels."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from kith.kernel.timeline.types import EventType


@dataclass(frozen=True)
class SecretRenewed(EventType):
    verb, icon, sentence = (
        "channel.secret_renewed",
        "refresh",
        _("made a new secret for calls of the gateway; the old one ends"),
    )
