"""Won customers whom nobody has taken over yet, and the alarm once that lasts longer than it may.

It may last as long as the stage where they stand allows; where that has no clock, `GRACE`. Whoever is won and still held in a
stage before it, by a strict gate or by hand, counts as well.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import TruncDate
from django.utils import timezone
from django.utils.translation import gettext as _

from kith.activities.notices import notify
from kith.kernel.access.actor import Actor, system
from kith.kernel.accounts.queries import managers
from kith.kernel.calendars.hours import Calendar
from kith.kernel.calendars.queries import calendar_of
from kith.kernel.records.registry import registry
from kith.process.handovers.offering import KIND
from kith.process.models import RUNNING, UNANSWERED, Handover, Journey
from kith.process.versions import in_use

GRACE = 2  # business days, where the stage says nothing
MOST = 500  # told in one go; the rest a little later
LATELY = dt.timedelta(days=90)  # how long ago somebody bought who is held before the stage of handing over
NOON = dt.time(12)
Stages = dict[int, list[str]]  # process → keys of stages
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


def _read(rows: QuerySet[Any], most: int, last: Q | None = None) -> list[Open]:
    """Of journeys on their way: those who stand where one is handed over from (and fit `last`), and those held before."""
    lasts = _lasts()
    if not lasts:
        return []
    here = _at(lasts) & _is_won(_deals()) & (last or Q())
    rows = rows.filter(RUNNING).annotate(opened_on=TruncDate("opened_at"), won_on=_won_on()).filter(here | _held(lasts))
    found = list(rows.select_related("owner").order_by("entered_at", "pk")[:most])
    waiting = Handover.objects.filter(UNANSWERED, journey__in=found)
    offers = {one.journey_id: one for one in waiting.select_related("giver", "receiver")}
    calendar = calendar_of()
    made = [Open(j, _limit(j, lasts, calendar), offers.get(j.pk)) for j in found]
    return sorted(made, key=lambda one: one.limit)


def _limit(journey: Any, lasts: Stages, calendar: Calendar) -> dt.datetime:
    """By when they should be taken over. The clock of a stage before that of handing over is about something else, so there
    it is `GRACE` after the deal was won."""
    if journey.stage in lasts[journey.process_id]:
        return journey.due_at or calendar.add_days(journey.entered_at, GRACE)
    won = timezone.make_aware(dt.datetime.combine(journey.won_on, NOON))
    return calendar.add_days(max(won, journey.opened_at), GRACE)


def _lasts() -> Stages:
    """The stages from which one is handed over, of every process in use that has any."""
    out: Stages = {}
    for pk, one in in_use().items():
        stages = one.definition.stages
        found = [before.key for before, after in zip(stages, stages[1:], strict=False) if after.handover]
        if found:
            out[pk] = found
    return out


def _at(stages: Stages) -> Q:
    out = Q()
    for pk, keys in stages.items():
        out |= Q(process_id=pk, stage__in=keys)
    return out


def _held(lasts: Stages) -> Q:
    """Those who bought lately and stand before the stage of handing over all the same: a strict gate or a colleague holds
    them. What was bought before this journey began was handed over on another."""
    before = {}
    for pk, keys in lasts.items():
        order = [stage.key for stage in in_use()[pk].definition.stages]
        before[pk] = order[: min(order.index(key) for key in keys)]
    lately = _deals().filter(closed_on__gte=timezone.localdate() - LATELY)
    bought = Q(company__in=lately.values("company")) | Q(company=None, person__in=lately.values("contact"))
    return _at(before) & bought & _is_won(lately.filter(closed_on__gte=OuterRef("opened_on")))


def _deals() -> QuerySet[Any]:
    rows: QuerySet[Any] = registry["deal"].model._default_manager.filter(status="won", archived_at=None)
    return rows


THEIRS = Q(company=OuterRef("company_id")) | Q(company=None, contact=OuterRef("person_id"))


def _is_won(deals: QuerySet[Any]) -> Q:
    return Q(Exists(deals.filter(THEIRS)))


def _won_on() -> Subquery:
    return Subquery(_deals().filter(THEIRS).order_by("-closed_on").values("closed_on")[:1])


def alarm() -> int:
    """Tell the owner, and those who manage, of each won customer beyond the limit, once; returns how many notices."""
    since = timezone.now() - FRESH
    fresh = Q(due_at__gte=since) | Q(due_at=None, entered_at__gte=since)
    leading = list(managers())
    told = 0
    for one in _read(Journey.objects.all(), MOST, fresh):
        if one.late:
            journey = one.journey
            whom = {user.pk: user for user in (journey.owner, one.offered and one.offered.receiver, *leading) if user}
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
