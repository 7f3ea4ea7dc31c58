"""Whether a mail may be answered by a machine: the rules that keep two machines from writing to each other for ever."""

from __future__ import annotations

from django.utils.translation import gettext as _

from kith.kernel.mail.addresses import loop_mark
from kith.kernel.mail.models import Mailbox
from kith.kernel.mail.parsed import Parsed


def refusal(parsed: Parsed) -> str:
    """Why nothing may be answered to this message by itself, in a sentence; "" where it may (RFC 3834)."""
    if parsed.automatic or parsed.report is not None:
        return _("A machine wrote it.")
    if loop_mark() in parsed.loops:
        return _("It is mail that Kith itself sent.")
    if parsed.loops:
        return _("A machine sent it on.")
    if parsed.forged:
        return _("It is not from whom it says.")
    if not parsed.sender.address or parsed.sender.address.startswith(
        ("noreply", "no-reply", "donotreply", "mailer-daemon")
    ):
        return _("Nobody reads what is sent to its address.")
    if Mailbox.objects.filter(address=parsed.sender.address).exists():
        return _("It came from a mailbox of our own.")
    return ""
