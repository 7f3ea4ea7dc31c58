"""What was written to people of the sample company and what they wrote back, by hand and in sequences; what they asked."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kith.activities.telling import ToldMail, ToldThread, tell_mails
from kith.engagement.events import Enrolled, SequenceEnded, SequenceStopped
from kith.engagement.telling import ToldQuestion, ToldStep, tell_questions, tell_steps
from kith.kernel.access.actor import Actor
from kith.kernel.records.registry import registry
from kith.kernel.timeline.types import EventType
from kith.starters.tidewell import early_words as e
from kith.starters.tidewell.writing import write_told

if TYPE_CHECKING:
    from kith.starters.tidewell.firststeps import Cast, Lead

DAY = dt.timedelta(days=1)
REPLIES = 0.4  # of those who were written to
ENROLLED = 0.35  # of those who were answered and are not a deal within a fortnight
SPAN = 15 * DAY  # of the whole sequence


@dataclass
class Course:
    """One enrolment: when each letter left, and how it ended."""

    lead: Lead
    begun: dt.datetime
    mails: list[dt.datetime]
    back: dt.datetime | None
    ended: dt.datetime | None

    def letter(self, n: int) -> int:
        """Which of the letters the n-th mail was: the first is tried in two wordings."""
        return 2 if n else int((self.lead.one.draw * 17) % 1 < 0.5)


def write_letters(leads: list[Lead], cast: Cast) -> None:
    """Threads by hand, then sequences with theirs."""
    courses = [course for lead in leads if (course := _course(lead, cast.now)) is not None]
    threads = [*(_by_hand(lead) for lead in leads if lead.one.mails), *(_of_course(course) for course in courses)]
    tell_mails(threads, voices={actor.user_id: actor for actor in cast.voices if actor.user_id}, by=cast.kith)
    for voice, theirs in cast.by_owner(course.lead for course in courses):
        people = {id(lead) for lead in theirs}
        _enrol([course for course in courses if id(course.lead) in people], voice, cast)


def _by_hand(lead: Lead) -> ToldThread:
    words = {"given": lead.told.given, "owner": lead.person.owner.name.split()[0]}
    mails = [ToldMail(at, theirs, subject, text.format(**words)) for at, theirs, subject, text in lead.one.mails]
    return ToldThread(lead.person, lead.company, mails)


def _course(lead: Lead, now: dt.datetime) -> Course | None:
    """The sequence that somebody was put into after the first talk, if they were."""
    one = lead.one
    if one.answered is None:
        return None
    begun = _working(one.answered + 2 * DAY)
    until = lead.story.deals[one.deal].stages[0] if one.deal >= 0 else now + SPAN
    lately = begun > now - SPAN  # nearly all of them, so that some are under way
    if begun >= now or until < begun + 14 * DAY or (one.draw * 7) % 1 > (0.9 if lately else ENROLLED):
        return None
    mails = [at for at in (begun + dt.timedelta(minutes=2), _working(begun + 5 * DAY)) if at < now]
    back = None
    if (one.draw * 13) % 1 < REPLIES:
        mails = mails[:1] if (one.draw * 29) % 1 < 0.4 else mails
        back = mails[-1] + dt.timedelta(hours=3 + one.draw * 20)
        back = back if back < now else None
    over = begun + 13 * DAY
    return Course(lead, begun, mails, back, back or (over if over < now else None))


def _working(at: dt.datetime) -> dt.datetime:
    """That day's morning, or Monday's."""
    at += DAY * (7 - at.weekday() if at.weekday() > 4 else 0)
    return at.replace(hour=9 + at.minute % 6)


def _of_course(course: Course) -> ToldThread:
    lead, mails = course.lead, []
    for n, at in enumerate(course.mails):
        _name, subject, body = e.LETTERS[course.letter(n)]
        mails.append(ToldMail(at, False, subject, _plain(lead, body)))
    if course.back is not None:
        words = e.THEY_SAY[int(lead.one.draw * 97) % len(e.THEY_SAY)]
        mails.append(ToldMail(course.back, True, f"Re: {mails[-1].subject}", words))
    return ToldThread(lead.person, lead.company, mails)


def _plain(lead: Lead, body: str) -> str:
    values = {'{{ person.given_name | "there" }}': lead.told.given, '{{ company.name | "yours" }}': lead.company.name,
              "{{ owner.first_name }}": lead.person.owner.name.split()[0], "**": ""}  # fmt: skip
    for holder, value in values.items():
        body = body.replace(holder, value)
    return body


def _enrol(courses: list[Course], voice: Actor, cast: Cast) -> None:
    sequence = cast.house.sequence
    rows = [_enrolment(course, cast) for course in courses]
    write_told("enrolment", rows, by=voice, story=[_story(course, sequence.name) for course in courses])
    tell_steps([step for row, course in zip(rows, courses, strict=True) for step in _steps(row, course)])


def _story(course: Course, name: str) -> list[tuple[EventType, dt.datetime]]:
    told: list[tuple[EventType, dt.datetime]] = [(Enrolled(name), course.begun)]
    if course.back is not None:
        told.append((SequenceStopped(name, "replied", "They wrote to us.", "mail.received"), course.back))
    elif course.ended is not None:
        told.append((SequenceEnded(name), course.ended))
    return told


def _enrolment(course: Course, cast: Cast) -> Any:
    person, replied = course.lead.person, course.back is not None
    ended = course.ended is not None
    going = "done" if ended else "active"
    place = 5 if ended and not replied else 2 * len(course.mails)
    due = None if ended else max(_working(course.mails[-1] + 5 * DAY), cast.now + DAY)
    return registry["enrolment"].model(
        sequence=cast.house.sequence, version_number=cast.house.sequence.number, person=person, owner=person.owner,
        team=person.team, state="stopped" if replied else going, outcome="replied" if replied else "",
        why="They wrote to us." if replied else "", at_step=place, due_at=due, ended_at=course.ended,
        mails=len(course.mails), created_at=course.begun, updated_at=course.ended or course.begun,
    )  # fmt: skip


def _steps(row: Any, course: Course) -> list[ToldStep]:
    made = []
    for n, at in enumerate(course.mails):
        last = n == len(course.mails) - 1
        made.append(ToldStep(row, position=2 * n, number=str(2 * n + 1), do="mail", at=at, said=e.LETTERS[course.letter(n)][1],
                         variant="" if n else "ab"[course.letter(0)], replied=last and course.back is not None))  # fmt: skip
        if not (last and course.back is not None):
            made.append(ToldStep(row, position=2 * n + 1, number=str(2 * n + 2), do="wait", at=at))
    if course.ended is not None and course.back is None:
        made.append(ToldStep(row, position=4, number="5", do="call", at=course.ended, said=e.STEPS[4]["subject"]))
    return made


def write_questions(leads: list[Lead], cast: Cast) -> None:
    """What they asked when they were first answered, on their story and beside the deal that it became."""
    asked = [lead for lead in leads if lead.one.question >= 0 and lead.one.answered is not None]
    for voice, theirs in cast.by_owner(asked):
        told = []
        for lead in theirs:
            at, deal = lead.one.answered, lead.deals[lead.one.deal] if lead.one.deal >= 0 else None
            objection, words = cast.house.objections[lead.one.question], e.QUESTIONS[lead.one.question][2]
            assert at is not None
            told.append(ToldQuestion(objection, words, lead.person, lead.company, deal, at))
        tell_questions(told, by=voice)
