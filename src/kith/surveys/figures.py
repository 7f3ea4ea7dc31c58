"""What a survey found, from responses within the reader's reach: who was asked, who answered, what they said, who answers
less than others, how it goes on, and how well low answers are followed up.

Everything is counted by the day somebody was asked, so that answers can be compared with those that did not come.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import TruncMonth, TruncQuarter
from django.utils import timezone
from django.utils.translation import gettext as _

from kith.kernel.access.actor import Actor
from kith.kernel.records.registry import registry
from kith.kernel.segments.models import INSIDE, Membership
from kith.surveys.models import Band, Loop, ResponseState, Survey
from kith.surveys.shares import LEAST, Estimate, difference, moved, recommendation, share

MOST_GROUPS = 12
ASKED = Q(state__in=(ResponseState.ASKED, ResponseState.ANSWERED))
ANSWERED = Q(state=ResponseState.ANSWERED)
COUNTS = {
    "asked": Count("pk", filter=ASKED), "answered": Count("pk", filter=ANSWERED),
    "low": Count("pk", filter=ANSWERED & Q(band=Band.LOW)), "high": Count("pk", filter=ANSWERED & Q(band=Band.HIGH)),
}  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One group of those who were asked, against all others: `less` says that they answer less (-1) or more (1) often than
    the others by more than chance explains, 0 that nothing can be said."""

    label: str
    asked: int
    answered: int
    rate: Estimate | None
    score: Estimate | None
    less: int = 0


@dataclass(frozen=True)
class Figures:
    """`score` is promoters less detractors for a recommendation survey, else the share of high answers; `mean` of scores.
    `trend`: (first day, estimate); `changed` says that the last full quarter differs from the one before."""

    kind: str
    asked: int
    answered: int
    low: int
    high: int
    rate: Estimate | None
    score: Estimate | None
    trend: list[tuple[dt.date, Estimate | None]]
    changed: int
    groups: list[tuple[str, list[Line]]]
    loops: dict[str, int]
    unasked: list[tuple[str, int]] = field(default_factory=list)

    @property
    def thin(self) -> bool:
        return self.answered < LEAST


def figures(actor: Actor, kind: str, *, survey: Survey | None = None, since: dt.date | None = None, until: dt.date | None = None) -> Figures:  # fmt: skip
    """Of one survey, or of all of a kind; by the day they were asked, `until` not included."""
    rows = rows_of(actor, kind, survey, since, until)
    found = rows.aggregate(**COUNTS)
    trend = _trend(rows, kind)
    quarters = [one for _day, one in trend]
    changed = 0
    if len(quarters) > 1 and moved(quarters[-2], quarters[-1]):
        changed = 1 if (quarters[-1].value if quarters[-1] else 0) > (quarters[-2].value if quarters[-2] else 0) else -1
    return Figures(
        kind, found["asked"], found["answered"], found["low"], found["high"], share(found["answered"], found["asked"]),
        _score(kind, found), trend, changed, _groups(actor, rows, kind), _loops(rows), _unasked(actor, kind, survey, since),
    )  # fmt: skip


def rows_of(
    actor: Actor, kind: str, survey: Survey | None, since: dt.date | None, until: dt.date | None
) -> QuerySet[Any]:
    rows = registry["response"].rows(actor, archived=False).filter(ASKED, survey__kind=kind)
    if survey is not None:
        rows = rows.filter(survey=survey)
    if since is not None:
        rows = rows.filter(asked_at__gte=_midnight(since))
    return rows.filter(asked_at__lt=_midnight(until)) if until is not None else rows


def _midnight(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time()))


def _score(kind: str, found: dict[str, Any]) -> Estimate | None:
    if kind == "nps":
        return recommendation(found["high"], found["low"], found["answered"])
    return share(found["high"], found["answered"])


def _trend(rows: QuerySet[Any], kind: str) -> list[tuple[dt.date, Estimate | None]]:
    """By quarter of the asking; the last eight."""
    told = rows.annotate(of=TruncQuarter("asked_at")).values("of").annotate(**COUNTS).order_by("of")
    return [(one["of"].date(), _score(kind, one)) for one in told if one["answered"]][-8:]


def by_month(actor: Actor, kind: str, survey: Survey | None = None) -> list[tuple[dt.date, int, Estimate | None]]:
    """(first day, answers, score) of each month with answers, the last twenty-four."""
    rows = rows_of(actor, kind, survey, None, None).annotate(of=TruncMonth("asked_at"))
    told = rows.values("of").annotate(**COUNTS).order_by("of")
    return [(one["of"].date(), one["answered"], _score(kind, one)) for one in told if one["answered"]][-24:]


def _groups(actor: Actor, rows: QuerySet[Any], kind: str) -> list[tuple[str, list[Line]]]:
    by_owner = rows.values(key=F("owner__name")).annotate(**COUNTS).order_by("-asked")
    by_band = rows.values(key=F("before")).annotate(**COUNTS).order_by("-asked")
    bands = {**dict(Band.choices), "": _("No answer before")}
    out = [
        (_("By who looks after them"), _lines(kind, ((one["key"] or _("nobody"), one) for one in by_owner))),
        (_("By their answer before"), _lines(kind, ((str(bands.get(one["key"], one["key"])), one) for one in by_band))),
        (_("By segment"), _lines(kind, _by_segment(actor, rows), whole=rows.aggregate(**COUNTS))),
    ]
    return [(label, lines) for label, lines in out if len(lines) > 1]


def _by_segment(actor: Actor, rows: QuerySet[Any]) -> list[tuple[str, dict[str, Any]]]:
    """Segments of people as they are now; somebody may be in several."""
    seen = (
        registry["segment"].rows(actor, archived=False).filter(subject__in=("person", "company")).order_by("-members")
    )
    out = []
    for segment in seen[:MOST_GROUPS]:
        ids = Membership.objects.filter(INSIDE, segment=segment).values("row_id")
        out.append((segment.name, rows.filter(**{f"{segment.subject}__in": ids}).aggregate(**COUNTS)))
    return [(name, found) for name, found in out if found["asked"]]


def _lines(kind: str, found: Iterable[tuple[str, dict[str, Any]]], whole: dict[str, Any] | None = None) -> list[Line]:
    """Each against all others. whole: what all of them are, where groups overlap."""
    each = list(found)
    asked, answered = sum(one["asked"] for _l, one in each), sum(one["answered"] for _l, one in each)
    if whole is not None:
        asked, answered = whole["asked"], whole["answered"]
    out = []
    for label, one in each[:MOST_GROUPS]:
        gap = difference(answered - one["answered"], asked - one["asked"], one["answered"], one["asked"])
        less = 0 if gap is None else -1 if gap.high < 0 else 1 if gap.low > 0 else 0
        out.append(
            Line(label, one["asked"], one["answered"], share(one["answered"], one["asked"]), _score(kind, one), less)
        )
    return out


def _loops(rows: QuerySet[Any]) -> dict[str, int]:
    """How low answers are followed up: all of them, closed, closed in time, open and late."""
    now, low = timezone.now(), rows.exclude(loop="")
    in_time = Q(loop=Loop.CLOSED) & (Q(loop_due_at=None) | Q(loop_closed_at__lte=F("loop_due_at")))
    counts: dict[str, int] = low.aggregate(
        all=Count("pk"), closed=Count("pk", filter=Q(loop=Loop.CLOSED)), in_time=Count("pk", filter=in_time),
        late=Count("pk", filter=Q(loop=Loop.OPEN, loop_due_at__lt=now)),
    )  # fmt: skip
    return counts


def _unasked(actor: Actor, kind: str, survey: Survey | None, since: dt.date | None) -> list[tuple[str, int]]:
    """Why people were not asked, most frequent first."""
    rows = registry["response"].rows(actor, archived=False).filter(state=ResponseState.UNASKED, survey__kind=kind)
    if survey is not None:
        rows = rows.filter(survey=survey)
    if since is not None:
        rows = rows.filter(created_at__gte=_midnight(since))
    told: dict[str, int] = defaultdict(int)
    for one in rows.values("why").annotate(n=Count("pk")).order_by("-n")[:6]:
        told[one["why"]] += one["n"]
    return list(told.items())
