"""How many things are late, beside the place Today on every page. It comes with the reader's own row, at no query of its own.

The moments come as they are, because midnight is another moment in another time zone: what is due on a day, without an
hour, is late only after that day.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db.models import DateTimeField
from django.http import HttpRequest
from django.utils import timezone

from kith.kernel.accounts.carried import carry

MOST = 99
LATE = f"""ARRAY(SELECT a.due_at FROM activities_activity a
    WHERE a.owner_id = accounts_user.id AND a.done_at IS NULL AND a.archived_at IS NULL AND a.due_at < now()
    AND (a.kind NOT IN ('call', 'meeting') OR a.due_at + make_interval(mins => coalesce(a.minutes, 0)) < now())
    ORDER BY a.due_at LIMIT {MOST + 2})"""  # noqa: S608  by the index activity_next_owner, a hundred rows at most


def carry_late() -> None:
    carry("late", LATE, ArrayField(DateTimeField()))


def late(request: HttpRequest) -> tuple[int | str | None, str | None]:
    """(figure, tone) for the sidebar."""
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    n = sum(at != midnight for at in getattr(request.user, "late", None) or ())
    return (f"{MOST}+" if n > MOST else n or None), "late" if n else None
