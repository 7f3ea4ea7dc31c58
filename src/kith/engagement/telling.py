"""Steps of sequences, recipients of mailings and questions as they were, told afterwards: for a sample company. Their events are the teller's."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from kith.engagement.events import QuestionRaised
from kith.engagement.models import Enrolment, Held, Occurrence, Recipient, RecipientState, Step
from kith.kernel.access.actor import Actor
from kith.kernel.timeline.write import Entry, write_events


@dataclass(frozen=True)
class ToldStep:
    """One step that was done: its place in the line of the version, its number as people read it."""

    enrolment: Enrolment
    position: int
    number: str
    do: str
    at: dt.datetime
    said: str = ""
    variant: str = ""
    replied: bool = False


@dataclass(frozen=True)
class ToldQuestion:
    """One time that somebody asked something: which question, in which words, of which deal it was, if any."""

    objection: Any
    words: str
    person: Any
    company: Any
    deal: Any
    at: dt.datetime


@dataclass
class ToldRecipient:
    """One person of a mailing's audience: who got it, and what came back; `agreed` says whether they were written to at all."""

    person: Any
    agreed: bool
    segments: Sequence[str]
    token: UUID
    at: dt.datetime
    bounced_at: dt.datetime | None = None
    unsubscribed_at: dt.datetime | None = None
    replied_at: dt.datetime | None = None


def tell_recipients(mailing: Any, told: Sequence[ToldRecipient]) -> None:
    """Who got a mailing that stands already, and who was held back since they had not agreed to it."""
    Recipient.objects.bulk_create(
        Recipient(
            mailing=mailing, person=one.person, address=one.person.email.lower(), language=mailing.template.language,
            zone=one.person.time_zone, segments=list(one.segments), token=one.token, at=one.at,
            state=RecipientState.SENT if one.agreed else RecipientState.HELD, reason="" if one.agreed else Held.CONSENT,
            bounced_at=one.bounced_at, unsubscribed_at=one.unsubscribed_at, replied_at=one.replied_at,
        )
        for one in told
    )  # fmt: skip


def tell_steps(told: Sequence[ToldStep]) -> None:
    """Steps of enrolments that stand already."""
    Step.objects.bulk_create(Step(**vars(one)) for one in told)


def tell_questions(told: Sequence[ToldQuestion], *, by: Actor) -> None:
    """Occurrences with their events, in the name of `by`."""
    Occurrence.objects.bulk_create(Occurrence(**vars(one), author_id=by.user_id) for one in told)
    entries = []
    for one in told:
        links = (("person", one.person), ("company", one.company), ("deal", one.deal))
        about = [(name, row.pk) for name, row in links if row is not None]
        says = QuestionRaised(one.objection.question, one.words)
        entries.append(Entry("objection", one.objection.pk, says, {}, about, one.at))
    write_events(entries, by)
