"""Won customers whom nobody has taken over yet, and the alarm once that lasts longer than it may.

It may last as long as the stage where they stand allows; where that has no clock, `GRACE`.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from kith.activities.notices import notify
from kith.kernel.access.actor import Actor, system
from kith.kernel.accounts.models import Role, User
from kith.kernel.calendars.queries import calendar_of
from kith.kernel.records.registry import registry
from kith.process.models import RUNNING, Handover, Journey
from kith.process.versions import in_use

GRACE = 2  # business days, where the stage says nothing
KIND = "handover"
MOST = 500  # told in one go; the rest a little later
FRESH = dt.timedelta(days=14)  # what was late before that has been told, or was late before Kith knew of it


@dataclass(frozen=True)
class Open:
    """A won customer without an accepted hand-over. `limit`: when it should have been; `offered`: the offer that waits."""

    journey: Any
    limit: dt.datetime
    offered: Handover | None

    @property
    def late(self) -> bool:
        return self.limit < timezone.now()


def open_ones(actor: Actor, most: int = 100) -> list[Open]:
    """Won customers within the actor's reach who are not taken over, the latest first. Two queries."""
    return _read(registry["journey"].rows(actor, archived=False), most)


def late_ones(actor: Actor, most: int = 100) -> list[Open]:
    """Those of them beyond the limit."""
    return [one for one in open_ones(actor, most) if one.late]


def _read(rows: QuerySet[Any], most: int) -> list[Open]:
    where = _before_handover()
    if where is None:
        return []
    found = list(
        rows.filter(RUNNING).filter(where).filter(_is_won()).select_related("owner").order_by("entered_at", "pk")[:most]
    )
    waiting = Handover.objects.filter(journey__in=found, accepted_at=None, returned_at=None)
    offers = {one.journey_id: one for one in waiting.select_related("giver", "receiver")}
    calendar = calendar_of()
    made = [Open(j, j.due_at or calendar.add_days(j.entered_at, GRACE), offers.get(j.pk)) for j in found]
    return sorted(made, key=lambda one: one.limit)


def _before_handover() -> Q | None:
    """Journeys that stand in the stage from which one is handed over, in any process in use."""
    out, any_ = Q(), False
    for pk, one in in_use().items():
        stages = one.definition.stages
        for before, after in zip(stages, stages[1:], strict=False):
            if after.handover:
                out, any_ = out | Q(process_id=pk, stage=before.key), True
    return out if any_ else None


def _is_won() -> Exists:
    deals = registry["deal"].model._default_manager.filter(status="won", archived_at=None)
    of = Q(company=OuterRef("company_id")) | Q(company=None, contact=OuterRef("person_id"))
    return Exists(deals.filter(of))


def alarm() -> int:
    """Tell the owner, and those who manage, of each won customer beyond the limit, once; returns how many notices."""
    rows = Journey.objects.filter(
        Q(due_at__gte=timezone.now() - FRESH) | Q(due_at=None, entered_at__gte=timezone.now() - FRESH)
    )
    managers = list(User.objects.filter(is_active=True, role=Role.MANAGER))
    told = 0
    for one in _read(rows, MOST):
        if one.late:
            journey = one.journey
            whom = {user.pk: user for user in (journey.owner, one.offered and one.offered.receiver, *managers) if user}
            told += notify(
                whom.values(), _words(one), kind=KIND, key=f"handover.late:{journey.pk}:{journey.entered_at:%Y%m%d}",
                by=system(), about=("journey", journey.pk),
            )  # fmt: skip
    return told


def _words(one: Open) -> str:
    if one.offered is None:
        return _("%s is won, and nobody has been asked to take over. The time for it is over.") % one.journey.name
    return _("%(name)s is won and offered to %(who)s, who has not accepted. The time for it is over.") % {
        "name": one.journey.name, "who": one.offered.receiver or _("the team")}  # fmt: skip
