"""Mail of ours that came back, and mail that was called unwanted: said on the story, and the address written to no more.

Only what names a message that we sent to that very address counts, so that nobody can have others silenced.
"""

from __future__ import annotations

from django.utils.translation import gettext as _

from kith.activities.events import MailBounced, MailComplained
from kith.activities.mail import refs_of, tell
from kith.activities.models import Message, MessageState
from kith.activities.privacy import openly
from kith.activities.touches import afresh
from kith.activities.whose import message_of
from kith.kernel.access.actor import system
from kith.kernel.mail.actions import suppress
from kith.kernel.mail.headers import normal
from kith.kernel.mail.models import Arrived, ArrivedState, Reason
from kith.kernel.mail.parsed import Failure, Parsed, Report
from kith.kernel.mail.working import Filed

LEFT = (MessageState.SENT, MessageState.BOUNCED)


def take_in(arrived: Arrived, parsed: Parsed, report: Report) -> Filed | None:
    """The reporter of one-to-one mail; None for a report about mail of others."""
    message = message_of(i for i in (report.original, *parsed.answers) if i)
    if message is None or message.state not in LEFT:
        return None
    receivers = [a for a in map(normal, (*message.to, *message.cc)) if a]
    failures = report.failures
    if not failures and len(receivers) == 1:
        failures = (Failure(receivers[0], "failed" if report.kind == "bounce" else "complaint"),)
    for failure in failures:
        if report.kind == "complaint":
            _complained(message, failure, receivers)
        elif failure.action in ("failed", "delayed"):
            _bounced(message, failure, receivers)
    refs = refs_of(message.thread)
    record, pk = refs[0] if refs else ("", None)
    return Filed(ArrivedState.FILED, "", record, pk)


def _bounced(message: Message, failure: Failure, receivers: list[str]) -> None:
    why = failure.why or (_("its server gave no reason") if failure.action == "failed" else _("it may still arrive"))
    known = failure.recipient in receivers
    if failure.action == "failed":
        message.problem = f"{failure.recipient}: {why}"[:500]
        if len(receivers) == 1:
            message.state = MessageState.BOUNCED
        message.save(update_fields=["state", "problem"])
        afresh(refs_of(message.thread))
    hard = failure.hard and known
    tell(message, MailBounced(message.pk, message.subject, failure.recipient, why[:200], hard))
    if hard:
        source = _("The mail “%(subject)s” came back: %(why)s") % {"subject": openly([message])[0][:100], "why": why}
        suppress(failure.recipient, Reason.BOUNCED, source, by=system("mail"))


def _complained(message: Message, failure: Failure, receivers: list[str]) -> None:
    if failure.recipient not in receivers:
        return
    tell(message, MailComplained(message.pk, message.subject, failure.recipient))
    source = _("The mail “%s” was called unwanted.") % openly([message])[0][:100]
    suppress(failure.recipient, Reason.COMPLAINED, source, by=system("mail"))
