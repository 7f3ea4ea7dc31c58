"""How often a process is reviewed: set, stop, and prepare one out of turn."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from django.utils import timezone
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid
from kith.kernel.kinds import Colleague, Integer, Moment, TeamLink
from kith.kernel.records.action import action
from kith.kernel.timeline.change import change
from kith.kernel.timeline.sides import Sides
from kith.process.clock import calendar_for
from kith.process.models import Process
from kith.process.review.events import ReviewsStopped, RhythmSet
from kith.process.review.models import Rhythm
from kith.process.review.preparing import open_review, prepare
from kith.process.review.snapshot import today
from kith.process.versions import in_use

MANAGE = "settings.manage"


def _in_force(process: Process) -> bool:
    return process.in_force is not None and process.archived_at is None


@action("process.set_review_rhythm", needs=MANAGE, label=_("Review it regularly"), icon="calendar", applies=_in_force,
        done=_("The reviews of {row} are set"))  # fmt: skip
def set_rhythm(
    process: Process,
    *,
    weeks: Annotated[int, Integer(1, 104), _("Every how many weeks")] = 8,
    first: Annotated[dt.datetime, Moment(), _("First meeting")],
    host: Annotated[Any, Colleague(), _("Host")],
    team: Annotated[Any, TeamLink(), _("Team that takes part, if not everybody who may change the process")] = None,
    by: Actor,
) -> Process:
    """A meeting every so many weeks from the first one on, at its hour, prepared five working days before."""
    with change(process, by=by) as c:
        side = Sides(Rhythm.objects.filter(process=c.row))
        given = {"weeks": weeks, "first": first, "host_id": host.pk, "team_id": team.pk if team else None}
        Rhythm.objects.update_or_create(process=c.row, defaults=given)
        if touched := side.touched():
            c.says(RhythmSet(weeks, sides=touched))
    return c.row


@action("process.stop_reviews", needs=MANAGE, label=_("Stop reviewing it regularly"), icon="x",
        applies=lambda p: Rhythm.objects.filter(process=p).exists(), done=_("{row} is no longer reviewed by itself"))  # fmt: skip
def stop_reviews(process: Process, *, by: Actor) -> Process:
    """No review is prepared by itself any more; those there are stay."""
    with change(process, by=by) as c:
        side = Sides(Rhythm.objects.filter(process=c.row))
        Rhythm.objects.filter(process=c.row).delete()
        if touched := side.touched():
            c.says(ReviewsStopped(sides=touched))
    return c.row


@action("process.prepare_review", needs=MANAGE, label=_("Prepare a review"), icon="plus", applies=_in_force,
        done=_("A review of {row} is prepared"))  # fmt: skip
def prepare_review(
    process: Process,
    *,
    meets_at: Annotated[dt.datetime | None, Moment(), _("Meeting")] = None,
    host: Annotated[Any, Colleague(), _("Host")] = None,
    by: Actor,
) -> Process:
    """One out of turn: now, or for a meeting that is said; the host is whoever asks for it unless another is named."""
    if open_review(process) is not None:
        raise Invalid(__("A review of %s is being prepared already; hold that one first.") % process.name)
    rhythm = Rhythm.objects.filter(process=process).first()
    calendar = calendar_for(in_use()[process.pk].definition)
    at = meets_at or calendar.next_open(timezone.now())
    prepare(process, today(at), at, host or by.user, rhythm, by=by)
    return process
