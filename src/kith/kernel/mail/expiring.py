"""Messages as they came are cleared some time after they were filed, where their mailbox says so. What was read of them (words,
files, the story they stand on) stays; what nobody has filed yet is never cleared.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from kith.kernel.access.actor import system
from kith.kernel.files.storage import erase
from kith.kernel.mail.events import RawCleared
from kith.kernel.mail.models import Arrived, ArrivedState, Mailbox
from kith.kernel.timeline.change import change

SETTLED = (ArrivedState.FILED, ArrivedState.IGNORED)
MONTH = dt.timedelta(days=30.4375)
MOST = 20_000  # messages in one night


def clear(most: int = MOST) -> int:
    """Clear what was kept long enough; returns how many. Each is a transaction of its own, so that running it twice or dying
    in the middle does no harm."""
    done = 0
    for pk in list(_due().order_by("pk").values_list("pk", flat=True)[:most]):
        with transaction.atomic():
            row = _due().select_for_update(of=("self",)).filter(pk=pk).first()
            if row is not None:
                _clear(row)
                done += 1
    return done


def _due() -> Any:
    """Arrivals whose time is over: by the months of their mailbox, else by `KITH_KEEP_RAW_MAIL`."""
    now, over = timezone.now(), Q(pk__in=[])
    for mailbox, months in Mailbox.objects.filter(keep_months__isnull=False).values_list("pk", "keep_months"):
        over |= Q(mailbox=mailbox, at__lt=now - (months or 0) * MONTH)
    if days := settings.KEEP_DAYS["RAW_MAIL"]:
        over |= Q(at__lt=now - dt.timedelta(days=days)) & (Q(mailbox=None) | Q(mailbox__keep_months=None))
    return Arrived.objects.filter(over, file__isnull=False, state__in=SETTLED)


def _clear(row: Arrived) -> None:
    file = row.file
    with change(row, by=system("mail")) as c:
        c.row.file, c.row.cleared_at = None, timezone.now()
        c.says(RawCleared())
    if file is not None:
        erase(file)
