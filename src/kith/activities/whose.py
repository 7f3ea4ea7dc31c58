"""Whose mail it is: the colleague, the conversation, the person or company that an address or a header leads to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import connection
from django.db.models import Case, F, Q, When

from kith.activities.models import Message, Thread
from kith.contacts.enrichment.domains import free_mail
from kith.contacts.identify import email_identifier
from kith.kernel.access.actor import system
from kith.kernel.accounts.models import User
from kith.kernel.mail.addresses import token_of
from kith.kernel.mail.models import Mailbox
from kith.kernel.mail.parsed import Address, Parsed
from kith.kernel.organisation.models import cached
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
    return _talk_of(message) if message is not None else None


def _talk_of(message: Message) -> Thread | None:
    thread = message.thread
    return thread if thread.person_id or thread.company_id or thread.deal_id else None


def hold_together(parsed: Parsed) -> None:
    """Messages of one conversation that are filed at the same moment wait for each other here, until the end of the transaction:
    each sees what the other made. Asked once before any room is asked whom a message concerns."""
    ids = [*parsed.answers, *([parsed.message_id] if parsed.message_id else [])]
    with connection.cursor() as cursor:
        cursor.execute(WAIT, [ids])


def around(parsed: Parsed) -> tuple[Message | None, Thread | None]:
    """(the message we have under its Message-ID, the conversation that it belongs to): that of what it answers, or of an answer
    to it that came before it. To be asked by whoever holds it (`hold_together`)."""
    own, thread = parsed.message_id, thread_of(parsed.answers)
    if not own:
        return None, thread
    near = Message.objects.filter(Q(message_id=own) | Q(in_reply_to=own)).select_related("thread")
    found = list(near.order_by(Case(When(message_id=own, then=0), default=1), "pk")[:2])
    later = next((m for m in found if m.in_reply_to == own), None)
    if thread is None and later is not None:
        thread = _talk_of(later)
    return next((m for m in found if m.message_id == own), None), thread


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
    ours: dict[str, int | None] = cached("activities:our_addresses", _our_addresses)
    address = address.lower()
    if address not in ours:
        return None, False
    return User.objects.filter(pk=ours[address]).first() if ours[address] else None, True


def addresses_of(user: int | None) -> set[str]:
    """The addresses that a colleague writes from: their own, and those of their own mailboxes."""
    ours: dict[str, int | None] = cached("activities:our_addresses", _our_addresses)
    return {address for address, whose in ours.items() if user is not None and whose == user}


def _our_addresses() -> dict[str, int | None]:
    """{address: whose}, None for a shared mailbox; a colleague's own address before a mailbox of it."""
    ours: dict[str, int | None] = {}
    for address, holder in Mailbox.objects.order_by("pk").values_list("address", "holder_id"):
        ours[address] = ours.get(address) or holder
    own = User.objects.exclude(email="").order_by("-pk").values_list("email", "pk")
    return ours | {email.lower(): pk for email, pk in own}
