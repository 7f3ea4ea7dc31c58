"""Our own addresses: in which domain Message-IDs are made, where answers go, how mail of our own is known when it returns."""

from __future__ import annotations

import hashlib
import hmac
from email.utils import parseaddr
from uuid import uuid4

from django.conf import settings

from kith.kernel.mail.headers import normal
from kith.kernel.mail.models import Mailbox
from kith.kernel.mail.parsed import Parsed

NOWHERE = "kith.invalid"
UNSET = ("", "webmaster@localhost")
MARK = "kith."


def mail_domain() -> str:
    """The domain of the organisation's mail: of the address it sends from, else of its first shared mailbox."""
    given = getattr(settings, "DEFAULT_FROM_EMAIL", "")
    address = "" if given in UNSET else normal(parseaddr(given)[1])
    if not address:
        boxes = Mailbox.objects.filter(archived_at=None).order_by("holder_id", "pk")
        address = boxes.values_list("address", flat=True).first() or ""
    return address.rpartition("@")[2] or NOWHERE


def new_message_id() -> str:
    """A Message-ID that is known again by its first part even where a server on the way rewrote its domain."""
    return f"<{MARK}{uuid4().hex}@{mail_domain()}>"


def token_of(message_id: str) -> str:
    """The part by which a Message-ID of ours is known, with the opening bracket; "" for one of others."""
    local = message_id.partition("@")[0]
    return local if local.startswith(f"<{MARK}") and len(local) == len(MARK) + 33 else ""


def loop_mark() -> str:
    """What every mail that leaves here carries in X-Loop, and nobody else can make."""
    return "kith-" + hmac.new(settings.SECRET_KEY.encode(), b"kith.mail.loop", hashlib.sha256).hexdigest()[:24]


def is_ours(address: str) -> bool:
    """Does mail to this address come to us: a mailbox that is read, or the domain we send from?"""
    domain = mail_domain()
    if domain != NOWHERE and address.endswith(f"@{domain}"):
        return True
    return Mailbox.objects.filter(address=address, archived_at=None).exists()


def to_us(parsed: Parsed, mailbox: Mailbox | None) -> bool:
    """Is one of our addresses among those a message was written to? A group that hands mail on marks it as sent to many,
    which alone does not make it a newsletter."""
    ours = {mailbox.address} if mailbox is not None else set()
    return any(a.address in ours or is_ours(a.address) for a in parsed.receivers)


def reply_address(user: int | None) -> str:
    """Where an answer to a colleague's mail should go so that Kith reads it: their own mailbox, else a shared one; "" where
    there is none."""
    boxes = Mailbox.objects.filter(archived_at=None, active=True)
    own = boxes.filter(holder_id=user).order_by("pk").first() if user else None
    found = own or boxes.filter(holder=None).order_by("pk").first()
    return found.address if found is not None else ""
