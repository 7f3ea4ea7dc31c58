"""How much everybody holds: people in one's care who were given by a rule and are neither decided nor handed on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Exists, F, OuterRef, Q
from django.utils import timezone

from kith.kernel.accounts.models import User
from kith.qualification.models import Absence, Decision, State, Waiting

OVER = (State.NOT_A_FIT, State.CONVERTED, State.NURTURE)


def held() -> Q:
    """Decisions whose lead still is with whom it was given to, and is not decided."""
    return Q(
        archived_at__isnull=True, user__isnull=False, person__owner_id=F("user_id"), person__archived_at__isnull=True
    ) & ~Exists(Decision.objects.filter(person=OuterRef("person"), pk__gt=OuterRef("pk"), user__isnull=False))


def open_leads(users: Iterable[int]) -> dict[int, int]:
    """{user id: leads they hold open}, those without any left out. One query, by who was given what."""
    rows = Decision.objects.filter(held(), user__in=list(users)).exclude(person__lead__state__in=OVER)
    return dict(rows.values_list("user_id").annotate(n=Count("person", distinct=True)))


@dataclass(frozen=True)
class Load:
    """What one colleague holds, how much of it waits for a first answer, and until when they are away."""

    user: User
    held: int
    waiting: int
    late: int
    away_until: dt.date | None


def loads(now: dt.datetime | None = None) -> list[Load]:
    """Everybody at work, the fullest first."""
    now = now or timezone.now()
    users = list(User.objects.filter(is_active=True).exclude(role="read_only").order_by("name", "pk"))
    held_by = open_leads(u.pk for u in users)
    running = Waiting.objects.filter(due_at__isnull=False)
    counts = running.values("owner_id").annotate(n=Count("id"), late=Count("id", filter=Q(due_at__lte=now)))
    waiting = {row["owner_id"]: (row["n"], row["late"]) for row in counts}
    day = timezone.localdate(now)
    away = dict(
        Absence.objects.filter(archived_at=None, first_day__lte=day, last_day__gte=day)
        .order_by("last_day").values_list("user_id", "last_day")
    )  # fmt: skip
    found = [Load(u, held_by.get(u.pk, 0), *waiting.get(u.pk, (0, 0)), away.get(u.pk)) for u in users]
    return sorted(found, key=lambda one: (-one.held, one.user.name))
