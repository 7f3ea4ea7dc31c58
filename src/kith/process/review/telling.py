"""Reviews of the past, written as they went: for the sample company, whose meetings were held before it was here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from kith.kernel.access.actor import Actor
from kith.kernel.timeline.change import change
from kith.kernel.timeline.sides import Sides
from kith.process.models import Process
from kith.process.review.deciding import where
from kith.process.review.events import Answered, Decided, Held, Read
from kith.process.review.following import follow_up, link
from kith.process.review.models import Feedback, Figures, Proposal, Review, Sort, State
from kith.process.review.preparing import count, keep, name_of
from kith.process.review.proposing import HAND
from kith.process.review.snapshot import figures, today
from kith.process.review.words import say

PREPARED = dt.timedelta(days=7)


@dataclass(frozen=True)
class Words:
    """What somebody said: about which stage, when, and what came of it."""

    by: Actor
    stage: str
    body: str
    at: dt.datetime
    kind: str = "hinders"
    answer: str = ""


@dataclass(frozen=True)
class Choice:
    """A proposal made by hand, and what became of it."""

    title: str
    hopes: str
    stage: str
    verdict: str
    reason: str


def tell_words(process: Process, said: Sequence[Words]) -> list[Feedback]:
    made = []
    for one in said:
        row = Feedback(
            process=process, stage=one.stage, kind=one.kind, body=one.body, author_id=one.by.user_id, created_at=one.at
        )
        with change(row, by=one.by, at=one.at) as c:
            made.append(c.row)
    return made


def tell_review(
    process: Process, at: dt.datetime, days: int, said: Sequence[Words], choices: Sequence[Choice], *, by: Actor
) -> Review:
    """A review that was held then, with what was said before it and what was decided in it; `by` hosted it."""
    row = Review(process=process, planned_on=today(at), meets_at=at, host=by.user, before=0, name=name_of(process, at))
    with change(row, by=by, at=at - PREPARED) as c:
        row = c.row
    count(row, days, by=by, now=at - PREPARED)
    words = tell_words(process, said)
    for choice in choices:
        _decide(row, choice, at, by)
    with change(row, by=by, at=at) as c:
        side = Sides(Figures.objects.filter(review=c.row))
        keep(c.row, Sort.HELD, figures(process, today(at) - dt.timedelta(1), days, at))
        c.row.state, c.row.held_at = State.HELD, at
        c.says(Held(sides=side.touched()))
        row = c.row
    for one, told in zip(words, said, strict=True):
        with change(one, by=by, at=at) as f:
            f.row.review = row
            f.says(Read(review=row.name))
            if told.answer:
                f.row.answer = told.answer
                f.says(Answered())
    return row


def _decide(row: Review, choice: Choice, at: dt.datetime, by: Actor) -> None:
    with change(row, by=by, at=at) as c:
        side = Sides(Proposal.objects.filter(review=c.row))
        made = Proposal.objects.create(
            review=c.row, kind=HAND, title=choice.title, hopes=choice.hopes, stage=choice.stage, data=where(row, choice.stage),
            by_name=by.name, verdict=choice.verdict, reason=choice.reason, decided_by_id=by.user_id, decided_at=at,
        )  # fmt: skip
        title = say(made.kind, made.data, made.title).title
        c.says(Decided(title, choice.verdict, choice.reason, sides=side.touched()))


def tell_effect(row: Review, number: int, published: dt.datetime, seen: dt.datetime, *, by: Actor) -> None:
    """The version that came of it then, and what was found four weeks later."""
    link(row, number, by=by, at=published)
    follow_up(row, by=by, at=seen)
