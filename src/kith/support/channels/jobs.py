"""Background work of channels."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kith.kernel.jobs import job
from kith.support.channels import sending


@job("channels.send", attempts=3, label=_("Send an answer by a channel"))
def send(passed: int) -> None:
    """Running it twice sends nothing the second time."""
    sending.send(passed)
