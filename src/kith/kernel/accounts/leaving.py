"""What a colleague who leaves was looking after, and handing it on.

Rooms say which rows somebody must go on with (`goes_on`), and other rooms what else an administrator should know
beforehand (`warns`). What is handed on is one operation that can be taken back; many rows are handed on by a job.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from kith.kernel.access.actor import Actor, actor_for
from kith.kernel.accounts.actions import MANAGE, deactivate
from kith.kernel.accounts.models import User
from kith.kernel.errors import Invalid
from kith.kernel.jobs import enqueue, job
from kith.kernel.records.registry import registry
from kith.kernel.timeline.change import change_many
from kith.kernel.timeline.models import Operation
from kith.kernel.timeline.operations import operation

AT_ONCE = 500  # rows handed on while one waits
_going_on: dict[str, Q] = {}
_warnings: list[Callable[[User], str]] = []


def goes_on(record: str, *, where: Q | None = None) -> None:
    """Rows of this type that somebody must go on with when their owner leaves; `where`: which of those not archived."""
    _going_on[record] = where or Q()


def warns(says: Callable[[User], str]) -> None:
    """A sentence for the administrator before a colleague is deactivated; "" for nothing to say."""
    _warnings.append(says)


def held_by(user: User) -> dict[str, int]:
    """{plural of a record type: how many rows of theirs somebody must go on with}, types without any left out."""
    counts = {registry[record].plural.lower(): _rows(record, user).count() for record in _going_on}
    return {plural: count for plural, count in counts.items() if count}


def warnings_for(user: User) -> list[str]:
    return [words for says in _warnings if (words := says(user))]


@transaction.atomic
def leave(user: User, *, to: User | None, by: Actor) -> User:
    """Deactivate a colleague and hand what they looked after to `to`; with None it stands without an owner at work. Raises
    Invalid, NotAllowed."""
    if to is not None and (to.pk == user.pk or not to.is_active):
        raise Invalid(_("Hand it to somebody who works here."), "to")
    gone = deactivate(user, by=by)
    if to is not None:
        if sum(held_by(user).values()) <= AT_ONCE:
            hand_on(user, to, by=by)
        else:
            enqueue(
                "accounts.hand_on", key=f"hand_on:{user.pk}", user=user.pk, to=to.pk, by=by.user_id, channel=by.channel
            )
    return gone


def hand_on(user: User, to: User, *, by: Actor) -> Operation:
    """Give all that `user` looked after to `to`, type by type, a thousand rows at a time. Running it twice finds nothing
    left to give. Raises NotAllowed."""
    by.require(MANAGE)

    def given(row: Any) -> None:
        row.owner = to

    label = _("Handed what %(who)s looked after to %(to)s") % {"who": user, "to": to}
    with operation("accounts.hand_on", label, by=by) as (op, actor):
        for record in _going_on:
            change_many(_rows(record, user).iterator(chunk_size=1000), given, by=actor)
    return op


@job("accounts.hand_on", label="Hand on what a colleague who left looked after")
def hand_on_later(user: int, to: int, by: int | None, channel: str = "web") -> None:
    from kith.kernel.access.actor import system

    people = User.objects.in_bulk([pk for pk in (user, to, by) if pk])
    who = people.get(by or 0)
    with translation.override(who.language if who is not None else None):
        hand_on(people[user], people[to], by=actor_for(who, channel) if who is not None else system(channel))


def _rows(record: str, user: User) -> QuerySet[Any]:
    rows = registry[record].model._default_manager.filter(_going_on[record], owner=user, archived_at__isnull=True)
    return rows.order_by("pk")
