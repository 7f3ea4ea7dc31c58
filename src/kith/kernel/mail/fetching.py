"""Reading a mailbox: what is new in each folder, one message in memory at a time, going on where the last run stopped.

One run at a time reads a mailbox. Each message is kept in the transaction that notes how far the folder was read, so
that a run that ends anywhere loses nothing and takes nothing twice.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError

from kith.kernel.errors import Invalid
from kith.kernel.jobs import enqueue
from kith.kernel.mail import arriving
from kith.kernel.mail.arriving import Place
from kith.kernel.mail.connecting import connected
from kith.kernel.mail.models import Folder, Mailbox

WINDOW = 50_000  # numbers that one search spans: its answer is one line, and lines have a length
BATCH = 50  # messages whose sizes are asked for at once
SECONDS = 50.0  # a run stops after this and goes on with the next
AT_ONCE = (
    2  # mailboxes that are read at the same time; the worker has other work, which shall not wait for slow servers
)
FIRST_PAUSE, LONGEST_PAUSE = dt.timedelta(minutes=1), dt.timedelta(hours=1)


def due() -> list[int]:
    """Mailboxes that are to be looked at now, those that waited longest first."""
    rows = Mailbox.objects.filter(
        Q(next_try_at=None) | Q(next_try_at__lte=timezone.now()),
        active=True,
        archived_at=None,
        credential__isnull=False,
    )
    return list(rows.order_by(F("last_run_at").asc(nulls_first=True), "pk").values_list("pk", flat=True))


def fetch(mailbox: int) -> bool:
    """Read what is new in a mailbox; False when another run is at it or it is not to be read. Trouble is noted with the
    mailbox, which is then left in peace for a while."""
    with only_one(mailbox) as first, _seat() as free:
        row = Mailbox.objects.filter(pk=mailbox, active=True, archived_at=None).first() if first and free else None
        if row is None:
            return False
        try:
            with connected(row) as server:
                problems, whole = _folders(server, row)
        except Invalid as problem:
            _troubled(row, problem.message)
            return False
        _went_well(row, " ".join(problems))
        if not whole:
            enqueue("mail.fetch", mailbox=row.pk, key=f"mail.fetch:{row.pk}")
        return True


@contextmanager
def only_one(mailbox: int) -> Iterator[bool]:
    """True for the one that reads this mailbox now."""
    with _held("kith.mailbox", [mailbox]) as first:
        yield first


@contextmanager
def _seat() -> Iterator[bool]:
    """True while fewer than `AT_ONCE` mailboxes are being read; the others come with the next minute."""
    with _held("kith.mailbox.seat", range(AT_ONCE)) as free:
        yield free


@contextmanager
def _held(what: str, numbers: Iterable[int]) -> Iterator[bool]:
    """The first of these locks that is free. It ends with the connection, so that a killed run leaves none."""
    taken: int | None = None
    with connection.cursor() as cursor:
        for number in numbers:
            cursor.execute("SELECT pg_try_advisory_lock(hashtext(%s), %s)", [what, number])
            if (cursor.fetchone() or (False,))[0]:
                taken = number
                break
    try:
        yield taken is not None
    finally:
        if taken is not None:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(hashtext(%s), %s)", [what, taken])


def _folders(server: IMAPClient, mailbox: Mailbox) -> tuple[list[str], bool]:
    """(what went wrong with single folders, whether all was read)."""
    until = time.monotonic() + SECONDS
    problems, whole = [], True
    for name in mailbox.all_folders:
        try:
            state = open_folder(server, name)
        except NoFolder:
            problems.append(_("“%s” is no folder of this mailbox.") % name)
            continue
        whole = _read(server, mailbox, name, state, until) and whole
    return problems, whole


class NoFolder(Exception):
    """The server has no such folder."""


def open_folder(server: IMAPClient, name: str) -> dict[bytes, Any]:
    """Open a folder for reading only: nothing becomes "seen" by us. Raises NoFolder; a connection that ends is no answer
    about the folder, and goes on as what it is."""
    try:
        state: dict[bytes, Any] = server.select_folder(name, readonly=True)
    except IMAPClientAbortError:
        raise
    except IMAPClientError:
        raise NoFolder(name) from None
    return state


def _read(server: IMAPClient, mailbox: Mailbox, name: str, state: dict[bytes, Any], until: float) -> bool:
    folder, _made = Folder.objects.get_or_create(mailbox=mailbox, name=name)
    validity = int(state.get(b"UIDVALIDITY") or 0)
    if folder.uidvalidity != validity:  # the server numbers anew: what is here already is known by its bytes
        folder.uidvalidity, folder.last_uid = validity, 0
        folder.save(update_fields=["uidvalidity", "last_uid"])
    end = int(state.get(b"UIDNEXT") or 1)  # what comes from now on comes with the next run
    while folder.last_uid + 1 < end:
        last = min(folder.last_uid + WINDOW, end - 1)
        asked = ["UID", f"{folder.last_uid + 1}:{last}", "SINCE", mailbox.since]
        new = sorted(uid for uid in server.search(asked) if folder.last_uid < uid <= last)
        for start in range(0, len(new), BATCH):
            if not take(server, mailbox, folder, new[start : start + BATCH], until):
                return False
        folder.last_uid = last
        folder.save(update_fields=["last_uid"])
    return True


def take(
    server: IMAPClient, mailbox: Mailbox, folder: Folder, uids: list[int], until: float, forward: bool = True
) -> bool:
    """Fetch these messages one after the other; False when the time is over. forward: note how far the folder is read."""
    told = server.fetch(uids, ["RFC822.SIZE", "INTERNALDATE"])
    for uid in uids:
        if time.monotonic() > until:
            return False
        facts = told.get(uid)  # None: deleted since we asked
        keep = _asked(server, mailbox, folder, uid, facts) if facts is not None else None
        with transaction.atomic():
            if keep is not None:
                keep()
            if forward:
                Folder.objects.filter(pk=folder.pk).update(last_uid=uid)
        folder.last_uid = uid if forward else folder.last_uid
    return True


def _asked(
    server: IMAPClient, mailbox: Mailbox, folder: Folder, uid: int, facts: dict[bytes, Any]
) -> Callable[[], Any] | None:
    """Ask for one message; returns how it is kept, or noted as one that stays there. None: deleted since."""
    place = Place(folder.name, folder.uidvalidity or 0, uid)
    size, at = int(facts.get(b"RFC822.SIZE") or 0), _aware(facts.get(b"INTERNALDATE"))
    if size > arriving.LIMIT:
        return partial(arriving.left_there, mailbox, place, size, at, arriving.too_large(size))
    try:
        raw = server.fetch([uid], ["BODY.PEEK[]"]).get(uid, {}).get(b"BODY[]")
    except IMAPClientAbortError:
        raise
    except IMAPClientError as problem:  # this one alone, which shall not keep the others from coming
        why = _("The server does not hand it over: %s") % " ".join(str(problem).split())[:300]
        return partial(arriving.left_there, mailbox, place, size, at, why)
    if raw is None:
        return None
    if not raw.strip():
        return partial(arriving.left_there, mailbox, place, size, at, _("The message is empty."))
    return partial(_keep, mailbox, folder, place, raw, at)


def _keep(mailbox: Mailbox, folder: Folder, place: Place, raw: bytes, at: dt.datetime | None) -> None:
    arriving.take_in(raw, mailbox=mailbox, place=place, at=at)
    if at is not None and (folder.newest_here is None or at > folder.newest_here):
        folder.newest_here = at
        folder.save(update_fields=["newest_here"])


def _aware(moment: Any) -> dt.datetime | None:
    if not isinstance(moment, dt.datetime):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


def _went_well(mailbox: Mailbox, problem: str) -> None:
    now = timezone.now()
    since = None if not problem else (mailbox.problem_since or now)
    Mailbox.objects.filter(pk=mailbox.pk).update(
        problem=problem[:500], problem_since=since, failures=0, next_try_at=None, last_run_at=now, last_ok_at=now
    )


def _troubled(mailbox: Mailbox, problem: str) -> None:
    now = timezone.now()
    pause = min(FIRST_PAUSE * 2 ** min(mailbox.failures, 10), LONGEST_PAUSE)
    Mailbox.objects.filter(pk=mailbox.pk).update(
        problem=problem[:500], problem_since=mailbox.problem_since or now, failures=mailbox.failures + 1,
        next_try_at=now + pause, last_run_at=now,
    )  # fmt: skip
