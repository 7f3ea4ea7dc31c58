"""Signed-in browsers: when each was last seen, and how one or all of them are signed out."""

from __future__ import annotations

import time

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.http import HttpRequest
from django.utils import timezone

from kith.kernel.accounts.models import SharedCounter, User

SEEN_EVERY = 600  # seconds; a write on each request would cost more than the list is worth
STAMP = "seen"


def note_seen(request: HttpRequest) -> None:
    """Remember that this browser is in use, at most once in ten minutes."""
    now = int(time.time())
    if now - request.session.get(STAMP, 0) < SEEN_EVERY:
        return
    request.session[STAMP] = now
    UserSession.objects.filter(session_key=request.session.session_key).update(last_seen_at=timezone.now())


@transaction.atomic
def end_all(user: User, besides: str | None = None) -> int:
    """Sign `user` out everywhere but in the session `besides`; how many browsers that were."""
    rows = UserSession.objects.filter(user=user).exclude(session_key=besides)
    Session.objects.filter(session_key__in=list(rows.values_list("session_key", flat=True))).delete()
    return rows.delete()[0]


@transaction.atomic
def end_one(user: User, pk: int) -> bool:
    """Sign one browser of `user` out; False when there is no such session of theirs."""
    row = UserSession.objects.filter(user=user, pk=pk).first()
    if row is None:
        return False
    Session.objects.filter(session_key=row.session_key).delete()
    row.delete()
    return True


def purge() -> None:
    """Delete ended sessions, the rows that listed them, and counters that no longer count. Safe to run twice."""
    Session.objects.filter(expire_date__lt=timezone.now()).delete()
    SharedCounter.objects.filter(expires__lt=timezone.now()).delete()
    open_keys = Session.objects.filter(session_key=OuterRef("session_key"))
    UserSession.objects.filter(~Exists(open_keys)).delete()
