"""From a decision to what came of it: the version published from a review, and its effect four weeks later.

The figures of the four weeks before are frozen when the version is published, so that they know as little of their last
comers as those of the four weeks after will. Both are compared stage by stage (`comparing.effect`).
"""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from kith.activities.notices import notify
from kith.kernel.access.actor import Actor, system
from kith.kernel.accounts.models import User
from kith.kernel.timeline.change import change
from kith.kernel.timeline.sides import Sides
from kith.process.editor.announcing import changed_stages
from kith.process.models import Version
from kith.process.review.comparing import effect
from kith.process.review.events import EffectSeen, VersionCame
from kith.process.review.models import Figures, Proposal, Review, Sort, State, Verdict
from kith.process.review.preparing import address, keep
from kith.process.review.snapshot import figures, today
from kith.process.review.words import say
from kith.process.versions import definition_of

DAYS = 28


def link(review: Review, number: int, *, by: Actor, at: dt.datetime | None = None) -> None:
    """Say that this version came of the review (`at`: when, if earlier), and freeze what it will be compared with."""
    day = today(at)
    with change(review, by=by, at=at) as c:
        side = Sides(Figures.objects.filter(review=c.row))
        keep(c.row, Sort.BASELINE, figures(c.row.process, day - dt.timedelta(1), DAYS))
        c.row.published, c.row.follow_on = number, day + dt.timedelta(DAYS + 1)
        adopted = c.row.proposals.filter(verdict=Verdict.ADOPT).order_by("pk")
        titles = tuple(say(one.kind, one.data, one.title).title for one in adopted)
        c.says(VersionCame(number, titles, sides=side.touched()))


def follow_due(now: dt.datetime | None = None) -> list[Review]:
    """Look at the effect of every version whose four weeks are over. Running it twice finds nothing the second time."""
    waiting = Review.objects.filter(state=State.HELD, follow_on__lte=today(now), archived_at__isnull=True)
    return [done for row in waiting.order_by("pk") if (done := follow_up(row, by=system())) is not None]


@transaction.atomic
def follow_up(review: Review, *, by: Actor, at: dt.datetime | None = None) -> Review | None:
    """Compare and keep what is found; None where that was done, or publishing was taken back, meanwhile."""
    with change(review, by=by, at=at) as c:
        row: Review = c.row
        if row.state != State.HELD or row.follow_on is None or row.published is None:
            return None
        side = Sides(Figures.objects.filter(review=row))
        before = Figures.objects.get(review=row, sort=Sort.BASELINE).data
        after = figures(row.process, row.follow_on - dt.timedelta(1), DAYS)
        lines = effect(before, after, looked_at(row))
        keep(row, Sort.EFFECT, {"lines": lines, "days": DAYS, "after": after, "next": _next_version(row)})
        row.state = State.FOLLOWED
        c.says(EffectSeen(row.published, sides=side.touched()))
    _tell(row, by)
    return row


def looked_at(row: Review) -> list[str]:
    """Stages that the version changed and that adopted proposals were about, in order; all of them where neither says."""
    now = definition_of(row.process_id, row.published or 0)
    before = definition_of(row.process_id, row.before) if row.before else now  # the first version changes all of them
    wanted = {stage.key for stage in changed_stages(now, before)}
    wanted |= set(row.proposals.filter(verdict=Verdict.ADOPT).exclude(stage="").values_list("stage", flat=True))
    return [s.key for s in now.stages if s.key in wanted] or [s.key for s in now.stages]


def _next_version(row: Review) -> int | None:
    """The version that came into force within the four weeks, by which they tell of two."""
    assert row.follow_on is not None
    later = Version.objects.filter(
        process=row.process_id, number__gt=row.published, published_at__date__lt=row.follow_on
    )
    return later.order_by("number").values_list("number", flat=True).first()


def _tell(row: Review, by: Actor) -> None:
    decided = Proposal.objects.filter(review=row, decided_by__isnull=False).values_list("decided_by", flat=True)
    told = User.objects.filter(pk__in={*decided, row.host_id or 0}, is_active=True).order_by("pk")
    words = _("Four weeks with version %(n)s of %(process)s: what came of it.")
    said = words % {"n": row.published, "process": row.process.name}
    notify(told, said, kind="review", key=f"review:{row.pk}:effect", by=by, path=f"{address(row)}#effect")
