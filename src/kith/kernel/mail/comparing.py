"""Is everything here that is there? Messages of each folder and day on the server, compared by number with those we have."""

from __future__ import annotations

import datetime as dt
import time

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from imapclient import IMAPClient

from kith.kernel.errors import Invalid
from kith.kernel.mail import fetching
from kith.kernel.mail.connecting import connected
from kith.kernel.mail.models import Arrived, DayCount, Folder, Mailbox

DAYS = 14
MOST_MISSING = 200  # of a day are named; the count tells of all


def compare(mailbox: int) -> None:
    """Count each folder of a mailbox for the last two weeks. Trouble is noted with the mailbox."""
    row = Mailbox.objects.filter(pk=mailbox, active=True, archived_at=None).first()
    if row is None:
        return
    try:
        with connected(row) as server:
            for name in row.all_folders:
                _folder(server, row, name)
    except Invalid as problem:
        Mailbox.objects.filter(pk=row.pk).update(
            problem=problem.message[:500], problem_since=row.problem_since or timezone.now()
        )


def fetch_gaps(mailbox: int) -> int:
    """Fetch what the last comparison found missing, then compare again; returns how many were asked for."""
    asked = 0
    with fetching.only_one(mailbox) as first:
        row = Mailbox.objects.filter(pk=mailbox, active=True, archived_at=None).first() if first else None
        if row is None:
            return 0
        try:
            with connected(row) as server:
                for folder in Folder.objects.filter(mailbox=row, name__in=row.all_folders):
                    uids = sorted({uid for day in folder.days.all() for uid, _why in day.missing})
                    state = fetching.open_folder(server, folder.name)
                    if uids and int(state.get(b"UIDVALIDITY") or 0) == folder.uidvalidity:
                        asked += len(uids)
                        until = time.monotonic() + fetching.SECONDS
                        fetching.take(server, row, folder, uids, until, forward=False)
        except (Invalid, fetching.NoFolder) as problem:
            Mailbox.objects.filter(pk=row.pk).update(problem=str(problem)[:500])
            return asked
    compare(mailbox)
    return asked


def _folder(server: IMAPClient, mailbox: Mailbox, name: str) -> None:
    try:
        state = fetching.open_folder(server, name)
    except fetching.NoFolder:
        return  # said by whoever reads it
    folder, _made = Folder.objects.get_or_create(mailbox=mailbox, name=name)
    today = timezone.now().date()
    first = max(mailbox.since, today - dt.timedelta(DAYS - 1))
    ours = _ours(folder, int(state.get(b"UIDVALIDITY") or 0))
    every: set[int] = set()
    counts = []
    for n in range((today - first).days + 2):  # the server's clock may be a day ahead
        day = first + dt.timedelta(n)
        there = set(server.search(["SINCE", day, "BEFORE", day + dt.timedelta(1)]))
        every |= there
        missing = [[uid, _why(uid, ours, folder)] for uid in sorted(there) if not ours.get(uid, ("", ""))[0]]
        counts.append(
            DayCount(
                folder=folder, day=day, there=len(there), here=len(there) - len(missing), missing=missing[:MOST_MISSING]
            )
        )
    gone = _gone(folder, ours, every, first + dt.timedelta(1))
    for count in counts:
        count.gone = gone.get(count.day, 0)
    with transaction.atomic():
        folder.days.all().delete()
        DayCount.objects.bulk_create(c for c in counts if c.there or c.here or c.gone)
        folder.newest_there = _newest(server, every)
        folder.compared_at = timezone.now()
        folder.save(update_fields=["newest_there", "compared_at"])


def _ours(folder: Folder, validity: int) -> dict[int, tuple[str, str]]:
    """{uid: (digest, problem)} of the messages of this folder that we know."""
    rows = Arrived.objects.filter(
        mailbox=folder.mailbox_id, folder=folder.name, uidvalidity=validity, uid__isnull=False
    )
    told = rows.values_list("uid", "digest", "problem")
    return {uid: (digest, problem) for uid, digest, problem in told if uid is not None}


def _why(uid: int, ours: dict[int, tuple[str, str]], folder: Folder) -> str:
    if uid in ours:
        return ours[uid][1] or _("It was not fetched.")
    return _("It waits for its turn.") if uid > folder.last_uid else _("It was passed over.")


def _gone(folder: Folder, ours: dict[int, tuple[str, str]], there: set[int], since: dt.date) -> dict[dt.date, int]:
    """Messages that are here and no longer there, by the day they arrived."""
    out: dict[dt.date, int] = {}
    rows = Arrived.objects.filter(
        mailbox=folder.mailbox_id,
        folder=folder.name,
        uid__in=[uid for uid in ours if uid not in there],
        at__date__gte=since,
    )
    for at in rows.values_list("at", flat=True):
        out[at.date()] = out.get(at.date(), 0) + 1
    return out


def _newest(server: IMAPClient, uids: set[int]) -> dt.datetime | None:
    if not uids:
        return None
    found = server.fetch([max(uids)], ["INTERNALDATE"]).get(max(uids), {}).get(b"INTERNALDATE")
    return found if isinstance(found, dt.datetime) else None
