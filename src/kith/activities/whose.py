"""Whose mail it is: the colleague, the conversation, the person or company that an address or a header leads to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import connection
from django.db.models import F

from kith.activities.models import Message, Thread
from kith.contacts.enrichment.domains import free_mail
from kith.contacts.identify import email_identifier
from kith.kernel.access.actor import system
from kith.kernel.accounts.models import User
from kith.kernel.mail.addresses import token_of
from kith.kernel.mail.models import Mailbox
from kith.kernel.mail.parsed import Address, Parsed
from kith.kernel.records.registry import registry

# In one order, so that two that share several ids never wait for each other in a circle.
WAIT = """
    SELECT pg_advisory_xact_lock(key) FROM (
        SELECT DISTINCT hashtextextended(id, 5484481) AS key FROM unnest(%s::text[]) AS id ORDER BY key
    ) AS ids
"""


def message_of(ids: Iterable[str]) -> Message | None:
    """The first message of ours that one of these Message-IDs names; by its first part where a server on the way rewrote
    the rest."""
    wanted = list(ids)
    found = {m.message_id: m for m in Message.objects.filter(message_id__in=wanted).select_related("thread")}
    for message_id in wanted:
        if message_id in found:
            return found[message_id]
        if token := token_of(message_id):
            near = Message.objects.filter(message_id__startswith=f"{token}@").select_related("thread").first()
            if near is not None:
                return near
    return None


def thread_of(ids: Iterable[str]) -> Thread | None:
    """The conversation that these Message-IDs belong to, unless everybody it was about is gone."""
    message = message_of(ids)
    if message is None:
        return None
    thread = message.thread
    return thread if thread.person_id or thread.company_id or thread.deal_id else None


def hold_together(parsed: Parsed) -> None:
    """Messages of one conversation that are filed at the same moment wait for each other here, until the end of the transaction:
    each sees what the other made."""
    ids = [*parsed.answers, *([parsed.message_id] if parsed.message_id else [])]
    with connection.cursor() as cursor:
        cursor.execute(WAIT, [ids])


def conversation_of(parsed: Parsed) -> Thread | None:
    """The conversation that a message belongs to: that of what it answers, or of an answer to it that came before it. To be
    asked by whoever holds it (`hold_together`)."""
    thread = thread_of(parsed.answers)
    if thread is None and parsed.message_id:
        later = (
            Message.objects.filter(in_reply_to=parsed.message_id)
            .order_by("pk")
            .values_list("message_id", flat=True)[:1]
        )
        thread = thread_of(later)
    return thread


def person_of(address: str) -> Any:
    """The person with this address, or None; of several the one we last spoke with."""
    rows = registry["person"].rows(system("mail"), archived=False)
    found = rows.filter(identifiers__overlap=[email_identifier(address)]).select_related("company")
    return found.order_by(F("last_touch_at").desc(nulls_last=True), "pk").first()


def company_of(address: Address) -> Any:
    """The company with this address or its domain, or None. The domains of mail providers belong to no company."""
    keys = [email_identifier(address.address)]
    if address.domain and address.domain not in free_mail():
        keys.append(f"d:{address.domain}")
    rows = registry["company"].rows(system("mail"), archived=False).filter(identifiers__overlap=keys)
    return rows.order_by(F("last_touch_at").desc(nulls_last=True), "pk").first()


def row_of(address: Address) -> Any:
    """The person, else the company, or None."""
    return person_of(address.address) or company_of(address)


def colleague_of(address: str) -> User | None:
    """The colleague who writes from this address: their own, or that of their own mailbox."""
    return of_us(address)[0]


def is_us(address: str) -> bool:
    """Is this one of our own addresses: a colleague's, or that of a mailbox we read?"""
    return of_us(address)[1]


def of_us(address: str) -> tuple[User | None, bool]:
    """(the colleague who writes from this address, whether it is one of ours at all)"""
    found = User.objects.filter(email__iexact=address).first()
    if found is not None:
        return found, True
    boxes = list(Mailbox.objects.filter(address=address).select_related("holder"))
    return next((box.holder for box in boxes if box.holder is not None), None), bool(boxes)
