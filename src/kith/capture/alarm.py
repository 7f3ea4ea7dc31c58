"""An alarm when something in the queue waits too long, in business time: told once, to whoever it was routed to, else to
those who manage."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from kith.activities.notices import notify
from kith.capture.models import WAITING, Submission
from kith.capture.queries import settings
from kith.kernel.access.actor import system
from kith.kernel.accounts.models import User
from kith.kernel.calendars.queries import calendar_of

KIND, PLACE = "capture", "/incoming/"
MOST = 500


def tell_of_waiting() -> int:
    """Tell of what has waited longer than the limit; returns how many were told of. Twice tells once."""
    now, limit = timezone.now(), dt.timedelta(minutes=settings().alarm_minutes)
    calendar = calendar_of()
    with transaction.atomic():
        rows = Submission.objects.select_for_update(skip_locked=True, of=("self",)).filter(
            state__in=WAITING, alarmed_at=None, archived_at=None, created_at__lte=now - limit
        )
        late = [row for row in rows.order_by("pk")[:MOST] if calendar.between(row.created_at, now) >= limit]
        for row in late:
            row.alarmed_at = now
        Submission.objects.bulk_update(late, ["alarmed_at"])
        _tell(late)
    return len(late)


def _tell(late: list[Submission]) -> None:
    """One notice for each colleague, however many wait."""
    managers = list(User.objects.filter(is_active=True, role__in=("administrator", "manager")))
    told: dict[int, list[Submission]] = {}
    users = {user.pk: user for user in managers}
    owners = {user.pk: user for user in User.objects.filter(is_active=True, pk__in={row.owner_id for row in late})}
    for row in late:
        for user in [owners[row.owner_id]] if row.owner_id in owners else managers:
            users[user.pk] = user
            told.setdefault(user.pk, []).append(row)
    for pk, rows in told.items():
        words = (
            _("%(who)s waits to be looked at") if len(rows) == 1 else _("%(who)s and %(n)s more wait to be looked at")
        )
        text = words % {"who": rows[0], "n": len(rows) - 1}
        notify([users[pk]], text, kind=KIND, key=f"capture:{rows[0].pk}", by=system(), path=PLACE, mail=True)
