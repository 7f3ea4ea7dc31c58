"""A message reaches us: its bytes are kept whole, once, before anybody looks into them; a job reads them afterwards."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
from dataclasses import dataclass

from django.db import transaction
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.translation import gettext as _

from kith.kernel.access.actor import system
from kith.kernel.errors import Invalid
from kith.kernel.files.storage import open_file, store
from kith.kernel.jobs import enqueue
from kith.kernel.mail.models import Arrived, ArrivedState, Mailbox

LIMIT = 50 << 20  # bytes of a message
KIND = "message/rfc822"


@dataclass(frozen=True)
class Place:
    """Where a server keeps a message."""

    folder: str
    uidvalidity: int
    uid: int


def take_in(
    raw: bytes, *, mailbox: Mailbox | None = None, place: Place | None = None, at: dt.datetime | None = None
) -> Arrived:
    """Keep a message and have it read. The same message again gives the row that is there (or, from another place of a
    mailbox, a row that names its twin). Raises Invalid when it is empty or too large, or the disk is full.

    at: when it reached its server, where that is known.
    """
    if not raw.strip():
        raise Invalid(_("The message is empty."))
    if len(raw) > LIMIT:
        raise Invalid(too_large(len(raw)))
    digest = hashlib.sha256(raw).hexdigest()
    with transaction.atomic():
        _hold(digest)
        known = Arrived.objects.filter(digest=digest, twin=None).first()
        if known is not None:
            return known if place is None else _elsewhere(known, mailbox, place, at)
        row = _row(mailbox, place, at)
        row.digest, row.size, row.state, row.problem = digest, len(raw), ArrivedState.WAITING, ""
        row.derive()
        row.save()
        upload = io.BytesIO(raw)
        upload.name = f"{_('message')}-{row.pk}.eml"
        row.file = store(upload, record_type="arrived", record_id=row.pk, by=system("mail"), limit=LIMIT, kind=KIND)
        row.save(update_fields=["file"])
        enqueue("mail.work", key="mail.work")
    return row


def left_there(mailbox: Mailbox, place: Place, size: int, at: dt.datetime | None, why: str) -> Arrived:
    """Note a message that was not fetched, and why."""
    with transaction.atomic():
        row = _row(mailbox, place, at)
        if not row.digest:
            row.size, row.state, row.problem = size, ArrivedState.FAILED, why[:500]
            row.derive()
            row.save()
    return row


def too_large(size: int) -> str:
    return _("The message has %(size)s; the most that is read is %(limit)s. It stays in its mailbox.") % {
        "size": filesizeformat(size), "limit": filesizeformat(LIMIT)}  # fmt: skip


def bytes_of(arrived: Arrived) -> bytes:
    """The message as it came. Raises Invalid, NotFound when it is not here."""
    if arrived.cleared_at is not None:
        raise Invalid(cleared(arrived))
    if arrived.file is None:
        raise Invalid(_("This message was not fetched, so that it can only be read in its mailbox."))
    with open_file(arrived.file) as file:
        return file.read()


def cleared(arrived: Arrived) -> str:
    """That the whole of a message is not kept any more, since when, and what is."""
    day = timezone.localtime(arrived.cleared_at).date().isoformat()
    return (
        _("The whole message was cleared on %s, as its mailbox asks for. What was read of it stays on its story.") % day
    )


def _row(mailbox: Mailbox | None, place: Place | None, at: dt.datetime | None) -> Arrived:
    """The row of this place, or a new one."""
    found = _at(mailbox, place) if mailbox is not None and place is not None else None
    row = found or Arrived(mailbox=mailbox)
    if place is not None:
        row.folder, row.uidvalidity, row.uid = place.folder, place.uidvalidity, place.uid
    row.at = min(at, timezone.now()) if at is not None else timezone.now()
    return row


def _at(mailbox: Mailbox, place: Place) -> Arrived | None:
    return Arrived.objects.filter(
        mailbox=mailbox, folder=place.folder, uidvalidity=place.uidvalidity, uid=place.uid
    ).first()


def _elsewhere(known: Arrived, mailbox: Mailbox | None, place: Place, at: dt.datetime | None) -> Arrived:
    """The same message in another place: the folder was numbered anew, or it lies in several."""
    assert mailbox is not None
    here = _at(mailbox, place)
    if here is not None and here.digest:
        return here
    stale = (
        Arrived.objects.filter(digest=known.digest, mailbox=mailbox, folder=place.folder)
        .exclude(uidvalidity=place.uidvalidity)
        .first()
    )
    if stale is None and known.mailbox_id is None and known.uid is None:
        stale = known  # it was handed in by hand before the mailbox showed it
    if stale is not None and here is None:
        stale.mailbox, stale.folder, stale.uidvalidity, stale.uid = mailbox, place.folder, place.uidvalidity, place.uid
        stale.save(update_fields=["mailbox", "folder", "uidvalidity", "uid"])
        return stale
    row = here or _row(mailbox, place, at)
    row.digest, row.size, row.twin, row.state = known.digest, known.size, known, ArrivedState.IGNORED
    row.subject, row.sender, row.message_id = known.subject, known.sender, known.message_id
    row.problem = _("The same message came before.")
    row.derive()
    row.save()
    return row


def _hold(digest: str) -> None:
    """Two deliveries of the same message at the same time wait for each other."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('kith.arrived:' || %s, 0))", [digest])
