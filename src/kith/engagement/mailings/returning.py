"""What comes back from a mailing: bounces, complaints, answers and unsubscribing, noted with the one they belong to.

A report counts only where it names a mail that we sent to that very address, so that nobody can have others silenced.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from kith.activities.queries import ids_answered
from kith.engagement.events import MailingAnswered, MailingBounced, MailingComplained
from kith.engagement.models import Recipient, RecipientState
from kith.kernel.access.actor import Actor, system
from kith.kernel.database.notify import announce
from kith.kernel.mail.actions import suppress
from kith.kernel.mail.addresses import MARK, token_of
from kith.kernel.mail.models import Arrived, ArrivedState, Reason
from kith.kernel.mail.parsed import Failure, Parsed, Report
from kith.kernel.mail.working import Filed
from kith.kernel.timeline.write import Entry, write_events

LEFT = (RecipientState.SENT, RecipientState.DOUBT, RecipientState.HANDING)
RECEIVED, WITHDRAWN = "mail.received", "person.consent_withdrawn"
REF = "mailing:"


def tokens(ids: Iterable[str]) -> list[UUID]:
    """The tokens in these Message-IDs, of those that are of our making."""
    found = (token_of(each.strip()) for each in ids if each)
    return [
        UUID(hex=each.removeprefix(f"<{MARK}")) for each in found if each and _is_hex(each.removeprefix(f"<{MARK}"))
    ]


def _is_hex(text: str) -> bool:
    return len(text) == 32 and all(c in "0123456789abcdef" for c in text)


def recipient_of(ids: Iterable[str]) -> Recipient | None:
    """Whose mail one of these Message-IDs names."""
    wanted = tokens(ids)
    rows = Recipient.objects.filter(token__in=wanted, state__in=LEFT).select_related("mailing") if wanted else None
    return rows.first() if rows is not None else None


def report(arrived: Arrived, parsed: Parsed, told: Report) -> Filed | None:
    """The reporter of mailings; None for a report about mail of others."""
    row = recipient_of([told.original, *parsed.answers])
    if row is None:
        return None
    failures = told.failures or (Failure(row.address, "failed" if told.kind == "bounce" else "complaint"),)
    for failure in failures:
        if failure.recipient != row.address:
            continue
        if told.kind == "complaint":
            _complained(row)
        elif failure.action == "failed":
            _bounced(row, failure)
    announce([f"mailing:{row.mailing_id}"])
    return Filed(ArrivedState.FILED, "", "person", row.person_id)


def _bounced(row: Recipient, failure: Failure) -> None:
    if not _note(row, "bounced_at"):
        return
    why = failure.why or _("its server gave no reason")
    row.state = RecipientState.SENT  # whoever bounced it had it, so that it is in doubt no more
    row.save(update_fields=["state"])
    _say(
        row, MailingBounced(row.mailing_id, row.mailing.name, row.mailing.campaign_id, why=why[:200], hard=failure.hard)
    )
    if failure.hard:
        source = _("The mailing “%(name)s” came back: %(why)s") % {"name": row.mailing.name, "why": why}
        suppress(row.address, Reason.BOUNCED, source, by=system("mail"))


def _complained(row: Recipient) -> None:
    if not _note(row, "complained_at"):
        return
    _say(row, MailingComplained(row.mailing_id, row.mailing.name, row.mailing.campaign_id))
    source = _("The mailing “%s” was called unwanted.") % row.mailing.name
    suppress(row.address, Reason.COMPLAINED, source, by=system("mail"))


def _note(row: Recipient, field: str) -> bool:
    """Whether it is noted for the first time."""
    return bool(Recipient.objects.filter(pk=row.pk, **{f"{field}__isnull": True}).update(**{field: timezone.now()}))


def _say(row: Recipient, event: Any) -> None:
    with transaction.atomic():
        write_events([Entry("person", row.person_id, event)], system("mail"))


def handles(verb: str) -> bool:
    return verb in (RECEIVED, WITHDRAWN)


def hear(entries: list[Entry], by: Actor) -> None:
    """Answers, by the Message-ID that they name; unsubscribing, by the mail whose link was used."""
    received: Any = [e.says for e in entries if e.says.verb_for(e.record) == RECEIVED]
    for answered in ids_answered(received):
        row = recipient_of(answered)
        if row is not None and _note(row, "replied_at"):
            _say(row, MailingAnswered(row.mailing_id, row.mailing.name, row.mailing.campaign_id))
    for entry in entries:
        ref = str(getattr(entry.says, "ref", ""))
        if ref.startswith(REF) and ref.removeprefix(REF).isdecimal():
            gone = Recipient.objects.filter(mailing=int(ref.removeprefix(REF)), person=entry.record_id)
            gone = gone.filter(
                mailing__purpose__key=getattr(entry.says, "purpose", "")
            )  # not another they withdrew there
            gone.filter(unsubscribed_at__isnull=True).update(unsubscribed_at=timezone.now())
