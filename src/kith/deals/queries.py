"""Reading deals: time in stages, what is usual, who decides, why deals end.

Functions that people's pages call take the actor first; those that feed learning and reports take deals.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kith.deals.computed import IDLE_SINCE, cutoff
from kith.deals.configuration import reasons_for, stage_of, stages, top_reason
from kith.deals.models import CommitteeMember, CommitteeRole, Deal, LineItem, Stage, Status, Stay
from kith.kernel.access.actor import Actor
from kith.kernel.kinds.time import period
from kith.kernel.money.totals import Totals, total
from kith.kernel.records.registry import registry
from kith.kernel.timeline.models import Event

LEARN_FROM = 10  # won deals that must have stood in a stage before its usual time is believed


# --- time in stage --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Interval:
    """A deal's stay in a stage; `left` is None while it is there."""

    deal_id: int
    stage_id: int
    entered: dt.datetime
    left: dt.datetime | None

    @property
    def days(self) -> float:
        return ((self.left or timezone.now()) - self.entered).total_seconds() / 86400

    @property
    def stage(self) -> Stage:
        return stage_of(self.stage_id)


def stage_intervals(deal_ids: Iterable[int]) -> list[Interval]:
    """Every stay in a stage of these deals, oldest first. Renamed and removed stages keep their stays."""
    stays = Stay.objects.filter(deal__in=list(deal_ids)).order_by("entered_at", "pk")
    return [Interval(*row) for row in stays.values_list("deal_id", "stage_id", "entered_at", "left_at")]


def came_to(stage_ids: list[int]) -> QuerySet[Any]:
    """Ids of the deals that ever came to one of these stages. A move that was undone never happened."""
    return Stay.objects.filter(stage_id__in=stage_ids).values("deal_id")


def standing_at(stage: int | None, moment: dt.datetime) -> QuerySet[Any]:
    """Ids of the deals that stood open in this stage at that moment; None: in any."""
    rows = Stay.objects.filter(Q(left_at=None) | Q(left_at__gt=moment), entered_at__lte=moment)
    return (rows if stage is None else rows.filter(stage_id=stage)).values("deal_id")


def came_after(stage: int | None, moment: dt.datetime) -> QuerySet[Any]:
    """Ids of the deals that came to this stage after that moment; None: to any."""
    rows = Stay.objects.filter(entered_at__gt=moment)
    return (rows if stage is None else rows.filter(stage_id=stage)).values("deal_id")


def usual_days() -> dict[int, int]:
    """{stage id: median whole days} of deals that were won, for stages with enough of them."""
    sql = """
        SELECT y.stage_id, percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM left_at - entered_at) / 86400)
        FROM deals_stay y JOIN deals_deal d ON d.id = y.deal_id AND d.status = 'won'
        WHERE left_at IS NOT NULL GROUP BY y.stage_id HAVING count(*) >= %s
    """
    with connection.cursor() as cursor:
        cursor.execute(sql, [LEARN_FROM])
        return {stage: round(days) for stage, days in cursor.fetchall()}


# --- stalled --------------------------------------------------------------------------------------------------------


def idle_days(deal: Deal, now: dt.datetime | None = None) -> int:
    """Whole days since the deal moved or anybody was in touch."""
    since = max(filter(None, (deal.stage_since, deal.last_touch_at)))
    return ((now or timezone.now()) - since).days


def is_stalled(deal: Deal) -> bool:
    """The rule of the column `stalled`, for one row at hand."""
    limit = stage_of(deal.stage_id).stalls_after
    now = timezone.now()
    since = max(filter(None, (deal.stage_since, deal.last_touch_at)))
    return deal.status == Status.OPEN and limit is not None and now - since > dt.timedelta(days=limit)


def stall_words(deal: Deal) -> str:
    """ "21 days without a step" or "14 days silent, usual 5"; "" for a deal that is not stalled."""
    if not is_stalled(deal):
        return ""
    days = idle_days(deal)
    if not deal.next_step and deal.next_step_at is None:
        return ngettext("%s day without a step", "%s days without a step", days) % days
    words = ngettext("%s day silent", "%s days silent", days) % days
    usual = stage_of(deal.stage_id).usual_days
    return words if usual is None else _("%(words)s, usual %(usual)s") % {"words": words, "usual": usual}


def stalled_of(actor: Actor, now: dt.datetime) -> QuerySet[Deal]:
    """Deals that are stalled now, with `idle`, since when nothing moved, the longest first. The same rows as the column `stalled`
    filters; said with an edge besides, so that of one colleague the index `deal_idle` gives them in order."""
    limits = [s.stalls_after for s in stages().values() if s.stalls_after is not None]
    edge = now - dt.timedelta(days=min(limits, default=0))
    rows: QuerySet[Deal] = registry["deal"].rows(actor, archived=False).filter(status=Status.OPEN)
    return (
        rows.annotate(idle=IDLE_SINCE).filter(idle__lt=edge).filter(idle__lt=cutoff(lambda: now)).order_by("idle", "pk")
    )


def first_won(actor: Actor, owners: Iterable[int], days: Iterable[dt.date]) -> QuerySet[Deal]:
    """Deals of these colleagues that were won on one of these days and were the first of their company, or of their
    contact where they name no company. One query, by the index `deal_won_of`."""
    rows: QuerySet[Deal] = registry["deal"].rows(actor, archived=False)
    rows = rows.filter(status=Status.WON, owner_id__in=list(owners), closed_on__in=list(days))
    before = Deal.objects.filter(status=Status.WON, archived_at__isnull=True, closed_on__lt=OuterRef("closed_on"))
    earlier = Q(company__isnull=False) & Exists(before.filter(company=OuterRef("company")))
    alone = Q(company__isnull=True, contact__isnull=False) & Exists(before.filter(contact=OuterRef("contact")))
    return rows.exclude(earlier).exclude(alone)


# --- why deals end --------------------------------------------------------------------------------------------------


def this_quarter() -> tuple[dt.date, dt.date]:
    """First day of the quarter and the day after its last."""
    return period("this_quarter", timezone.localdate())


def closed_this_quarter(actor: Actor, status: str) -> QuerySet[Deal]:
    start, end = this_quarter()
    rows: QuerySet[Deal] = registry["deal"].rows(actor, archived=False)
    return rows.filter(status=status, closed_on__gte=start, closed_on__lt=end)


def lost_choices(actor: Actor) -> list[tuple[str, str, str]]:
    """The branches of reasons for losing, with how many deals each cost this quarter."""
    counts: dict[int, int] = defaultdict(int)
    rows = closed_this_quarter(actor, Status.LOST).exclude(reason=None).order_by()
    for reason, n in rows.values_list("reason").annotate(n=Count("pk")):
        counts[top_reason(reason).pk] += n
    return [
        (str(r.pk), r.name, _("%s this quarter") % counts[r.pk] if i == 0 and counts[r.pk] else str(counts[r.pk] or ""))
        for i, r in enumerate(reasons_for(Status.LOST))
    ]


def won_choices(actor: Actor) -> list[tuple[str, str, str]]:
    """The one place to drop what is won, with what this quarter brought."""
    count, totals = won_this_quarter(actor)
    small = _("%(n)s this quarter, %(sum)s") % {"n": count, "sum": totals.show()} if count else ""
    return [("", _("Drop to convert"), small)]


def won_this_quarter(actor: Actor) -> tuple[int, Totals]:
    """How many deals were won, and what they were worth at the rates of their days."""
    rows = closed_this_quarter(actor, Status.WON).order_by()
    groups = list(rows.values_list("currency", "closed_on").annotate(sum=Sum("amount"), n=Count("pk")))
    return sum(g[3] for g in groups), total((amount, code, day) for code, day, amount, _n in groups)


def exceptions(days: int = 90) -> dict[int, int]:
    """{stage id: how often it was left with a reason although its rule was not met} in the last days."""
    since = timezone.now() - dt.timedelta(days=days)
    moves = Event.objects.filter(verb="deal.stage_moved", at__gte=since).exclude(payload__missing=[])
    counts: dict[int, int] = defaultdict(int)
    for old in moves.values_list("payload__old_id", flat=True):
        counts[old] += 1
    return dict(counts)


# --- one deal's page ------------------------------------------------------------------------------------------------


def lines(deal: Deal) -> list[LineItem]:
    return list(LineItem.objects.filter(deal=deal).select_related("product").order_by("position", "id"))


@dataclass(frozen=True)
class Committee:
    """Who takes part on the buying side; `missing`: roles that should be known at this stage and are not; `single`: the
    deal hangs on one person alone."""

    seats: list[CommitteeMember]
    missing: list[str]
    single: bool


def committee(deal: Deal) -> Committee:
    seats = list(CommitteeMember.objects.filter(deal=deal).select_related("person").order_by("id"))
    known = {seat.role for seat in seats}
    labels = dict(CommitteeRole.choices)
    missing = [str(labels[r]) for r in stage_of(deal.stage_id).roles if r in labels and r not in known]
    people = {seat.person_id for seat in seats} | ({deal.contact_id} if deal.contact_id else set())
    return Committee(seats, missing, deal.status == Status.OPEN and len(people) == 1)
