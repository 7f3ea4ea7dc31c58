"""Verbs of a review: count again, move the meeting, propose, decide, hold it."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from django.utils import timezone
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.activities.actions import edit as edit_activity
from kith.activities.actions import finish
from kith.activities.notices import notify
from kith.kernel.access.actor import Actor
from kith.kernel.accounts.models import User
from kith.kernel.errors import Invalid, InvalidMany
from kith.kernel.kinds import Choice, Integer, Moment, Text
from kith.kernel.records.action import GIVEN, action
from kith.kernel.timeline.change import change, change_many
from kith.kernel.timeline.sides import Sides
from kith.process.kinds import StageKey
from kith.process.review.events import Decided, Held, Postponed, Proposed, Read
from kith.process.review.models import Feedback, Figures, Proposal, Review, Sort, State, Verdict
from kith.process.review.preparing import address, count, keep, machine, name_of
from kith.process.review.proposing import HAND
from kith.process.review.snapshot import figures, today
from kith.process.review.words import say
from kith.process.versions import in_use
from kith.ui.dates import day

MANAGE = "settings.manage"


def _preparing(row: Review) -> bool:
    return bool(row.state == State.PREPARING and row.archived_at is None)


def _open(row: Review) -> bool:
    return bool(row.state != State.FOLLOWED and row.archived_at is None)


@action(
    "review.recount", needs=MANAGE, label=_("Count again"), icon="refresh", applies=_preparing, done=_("Counted again")
)
def recount(review: Review, *, by: Actor) -> Review:
    """The figures as they stand now, and fresh proposals in place of those that nobody has decided on."""
    known = Figures.objects.filter(review=review, sort=Sort.PREPARED).values_list("data", flat=True).first()
    count(review, known["days"] if known else 56, by=by)
    return review


@action(
    "review.postpone",
    needs=MANAGE,
    label=_("Move the meeting"),
    icon="clock",
    applies=_preparing,
    done=_("{row} moved"),
)
def postpone(review: Review, *, meets_at: Annotated[dt.datetime, Moment(), _("When")], by: Actor) -> Review:
    """Another day or hour; the rhythm goes on from the day that was planned."""
    with change(review, by=by) as c:
        c.row.meets_at = meets_at
        c.row.name = name_of(c.row.process, meets_at)
        c.says(Postponed(day=day(meets_at)))
    if c.row.meeting is not None and c.row.meeting.done_at is None:
        edit_activity(c.row.meeting, {"due_at": meets_at, "subject": c.row.name}, by=machine(by))
    return c.row


@action("review.propose", needs=MANAGE, label=_("Propose something"), icon="plus", applies=_open, done=_("Proposed"))
def propose(
    review: Review,
    *,
    title: Annotated[str, Text(200), _("What to change")],
    hopes: Annotated[str, Text(300), _("What you expect of it")] = "",
    stage: Annotated[str, StageKey(), _("Stage")] = "",
    by: Actor,
) -> Review:
    """A proposal of one's own, decided on like those that Kith makes."""
    with change(review, by=by) as c:
        side = Sides(Proposal.objects.filter(review=c.row))
        Proposal.objects.create(
            review=c.row,
            kind=HAND,
            title=title,
            hopes=hopes,
            stage=stage,
            by_name=by.name[:200],
            data=where(c.row, stage),
        )
        c.says(Proposed(title=title, sides=side.touched()))
    return c.row


def where(review: Review, key: str) -> dict[str, Any]:
    """Name and step of a stage of the process, as proposals keep them; nothing for none. Raises Invalid."""
    running = in_use().get(review.process_id)
    stage = running.definition.by_key.get(key) if running else None
    if key and stage is None:
        raise Invalid(__("%(process)s has no stage “%(key)s”.") % {"process": review.process.name, "key": key}, "stage")
    return {"stage": stage.name, "step": stage.step} if stage else {}


@action("review.decide", needs=MANAGE, label=_("Decide"), icon="check", applies=_open, done=_("Decided"))
def decide(
    review: Review,
    *,
    proposal: Annotated[int, Integer(1, grouped=False), _("Proposal"), GIVEN],
    verdict: Annotated[str, Choice(dict(Verdict.choices)), _("Decision")],
    reason: Annotated[str, Text(300), _("Why")] = "",
    by: Actor,
) -> Review:
    """What becomes of a proposal, with the reason: why not, or why later, is asked by those who read it in a year."""
    if verdict != Verdict.ADOPT and not reason:
        words = __("Say why: whoever proposed it will ask.")
        raise InvalidMany({"reason": [words]})
    with change(review, by=by) as c:
        side = Sides(Proposal.objects.filter(review=c.row, pk=proposal))
        row = Proposal.objects.filter(review=c.row, pk=proposal).first()
        if row is None:
            raise Invalid(__("This review has no proposal %s.") % proposal, "proposal")
        if (row.verdict, row.reason) != (verdict, reason):
            row.verdict, row.reason, row.decided_by_id, row.decided_at = verdict, reason, by.user_id, timezone.now()
            row.save()
            c.says(Decided(say(row.kind, row.data, row.title).title, verdict, reason, sides=side.touched()))
    return c.row


@action(
    "review.hold",
    needs=MANAGE,
    label=_("The meeting was held"),
    icon="check",
    applies=_preparing,
    done=_("{row} is held"),
)
def hold(review: Review, *, by: Actor) -> Review:
    """Keep the figures of this day, and tell everybody who said something that it was read. What nobody decided on comes back
    in the next review."""
    with change(review, by=by) as c:
        side = Sides(Figures.objects.filter(review=c.row))
        prepared = Figures.objects.get(review=c.row, sort=Sort.PREPARED).data
        keep(c.row, Sort.HELD, figures(c.row.process, today() - dt.timedelta(1), prepared["days"]))
        c.row.state, c.row.held_at = State.HELD, timezone.now()
        c.says(Held(sides=side.touched()))
    row: Review = c.row
    if row.meeting is not None and row.meeting.done_at is None:
        finish.run(row.meeting, outcome=__("Held: %s") % address(row), by=machine(by))
    _read(row, by)
    return row


def _read(row: Review, by: Actor) -> None:
    """What was said since the last review was read in this one."""

    def apply(said: Feedback) -> list[Any]:
        said.review = row
        return [Read(review=row.name)]

    waiting = Feedback.objects.filter(process=row.process_id, review=None, archived_at__isnull=True).order_by("pk")
    authors = {said.author_id for said in waiting if said.author_id}
    change_many(waiting.iterator(chunk_size=1000), apply, by=by)
    told = User.objects.filter(pk__in=authors, is_active=True).order_by("pk")
    words = __("What you said about %s was read in its review.") % row.process.name
    notify(told, words, kind="review", key=f"review:{row.pk}:read", by=by, path=f"{address(row)}#feedback")
