"""The gate of suppressed addresses: which reason stops which mail.

An address that does not exist, a complaint, and a colleague's word stop all mail. Unsubscribing stops mail with a purpose
(news, campaigns) and leaves what somebody writes to somebody. Mail to colleagues about their own account is never asked for.
"""

from __future__ import annotations

from django.utils.translation import gettext as _

from kith.kernel.mail.leaving import Receiver
from kith.kernel.mail.models import Reason, Suppressed

ALWAYS = (Reason.BOUNCED, Reason.COMPLAINED, Reason.BY_HAND)


def gate(receivers: list[Receiver], purpose: str) -> dict[str, str]:
    """{address: why it is not written to}, in one query."""
    wanted = {r.address.lower(): r.address for r in receivers}
    rows = Suppressed.objects.filter(address__in=list(wanted), archived_at=None)
    if not purpose:
        rows = rows.filter(reason__in=ALWAYS)
    return {wanted[row.address]: sentence(row) for row in rows.order_by("-created_at")}


def sentence(row: Suppressed) -> str:
    """Why an address is not written to, for whoever wanted to."""
    words = {
        Reason.BOUNCED: _("%s is not written to: its server says that it does not exist."),
        Reason.COMPLAINED: _("%s is not written to: our mail was called unwanted there."),
        Reason.UNSUBSCRIBED: _("%s is not written to: they unsubscribed."),
        Reason.BY_HAND: _("%s is not written to: a colleague said so."),
    }
    return words[Reason(row.reason)] % row.address
