"""Who was given which lead, and how it was decided: as the way of the relationship says, so that both tell the same."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from kith.kernel.access.actor import Actor
from kith.kernel.calendars.queries import calendar_of
from kith.kernel.calendars.span import parse_span
from kith.kernel.records.registry import registry
from kith.kernel.timeline.types import EventType
from kith.qualification import events
from kith.starters.tidewell import early_words as e
from kith.starters.tidewell.writing import write_told

if TYPE_CHECKING:
    from kith.starters.tidewell.firststeps import Cast, Lead

DAY = dt.timedelta(days=1)
NOT_ALONE = 0.3  # of colleagues of somebody we know who are asleep until later
Told = tuple[Any, EventType]


def write_decisions(leads: list[Lead], cast: Cast) -> list[tuple[Any, dt.datetime]]:
    """Verdicts by whoever looks after them, then who was given them and whether they were answered in time. Returns who was
    qualified, and when."""
    qualified = []
    for voice, theirs in cast.by_owner(leads):
        told = [pair for lead in theirs for pair in _verdicts(lead, voice, cast.now)]
        qualified += [(row.person, row.created_at) for row, _event in told if row.state == "qualified"]
        rows = [row for row, _event in told]
        write_told("verdict", rows, by=voice, story=[[(event, row.created_at)] for row, event in told])
    within = parse_span(e.WITHIN)
    calendar = calendar_of()
    given = [_assignment(lead, cast, within.after(lead.one.came, calendar)) for lead in leads]
    story = [[(events.LeadAssigned(str(row.user), row.rule.name), row.created_at)] for row in given]
    write_told("assignment", given, by=cast.kith, story=story)
    return qualified


def _assignment(lead: Lead, cast: Cast, due: dt.datetime) -> Any:
    person, at = lead.person, lead.one.came
    rule = cast.house.rules[person.team_id]
    return registry["assignment"].model(
        person=person, kind="assigned", user=person.owner, rule=rule, why=f"“{rule.name}” gives them to {person.team}, in turn.",
        candidates=[{"user": person.owner_id, "name": person.owner.name, "why": ""}], created_at=at, updated_at=at,
        due_at=due, stopped_at=lead.one.answered,
        stopped_by=f"answered by {person.owner.name}" if lead.one.answered else "",
    )  # fmt: skip


def _verdicts(lead: Lead, voice: Actor, now: dt.datetime) -> list[Told]:
    """Oldest first. None before somebody answered; of those whose company we had known, few are decided."""
    if lead.one.answered is None:
        return []
    if not lead.first:
        return _of_a_colleague(lead, voice, now)
    entered = {entry.stage: entry.at for entry in reversed(lead.walk.entries)}  # the first time of each
    out: list[Told] = []
    deal = lead.deals[lead.one.deal] if lead.one.deal >= 0 else None
    opened = lead.story.deals[lead.one.deal].stages[0] if deal is not None else now
    fit = max(entered.get("engage", opened), lead.one.answered)
    if "qualify" in entered and (fit < opened or deal is not None):  # some skipped that step, and were sold to at once
        out.append(_verdict(lead, "qualified", min(fit, opened), voice, events.LeadQualified()))
    if deal is not None:
        told = events.LeadConverted(deal.name, True)
        out.append(_verdict(lead, "converted", opened, voice, told, deal=deal))
    elif lead.walk.ended is not None:
        at, outcome, why = lead.walk.ended
        at = max(at, out[-1][0].created_at if out else lead.one.answered)
        if at < now:
            out += _no(lead, at, why, voice) if outcome == "disqualified" else _later(lead, at, voice, now)
    return out


def _of_a_colleague(lead: Lead, voice: Actor, now: dt.datetime) -> list[Told]:
    assert lead.one.answered is not None
    at = lead.one.answered + DAY
    return _later(lead, at, voice, now) if lead.one.draw < NOT_ALONE and at < now else []


def _no(lead: Lead, at: dt.datetime, why: str, voice: Actor) -> list[Told]:
    advised = e.NOT_FIT[1] if lead.one.draw < 0.5 else ""
    reason = registry["fit_reason"].model.objects.order_by("position")[int(lead.one.draw * 3)]
    told = events.LeadNotAFit(reason.name, advised, why)
    return [_verdict(lead, "not_a_fit", at, voice, told, reason=reason, advised=advised, words=why)]


def _later(lead: Lead, at: dt.datetime, voice: Actor, now: dt.datetime) -> list[Told]:
    wakes = now + (10 + int(lead.one.draw * 80)) * DAY
    told = events.LeadNurtured(f"{wakes:%d.%m.%Y}")
    return [_verdict(lead, "nurture", at, voice, told, wake_at=wakes)]


def _verdict(lead: Lead, state: str, at: dt.datetime, voice: Actor, says: EventType, **facts: Any) -> Told:
    row = registry["verdict"].model(person=lead.person, state=state, user=lead.person.owner, source=lead.person.source, created_at=at,
                  updated_at=at, **facts)  # fmt: skip
    return row, says


def write_answers(qualified: list[tuple[Any, dt.datetime]], voices: dict[int, Actor]) -> None:
    """What was found out about those who were qualified: (person, when), written by whoever looks after them."""
    asked = {c.key: c for c in registry["criterion"].model.objects.filter(key__in=e.CHECKED, archived_at=None)}
    by_owner: dict[int, list[Any]] = {}
    for n, (person, at) in enumerate(qualified):
        for key in list(e.CHECKED)[: 1 + n % len(e.CHECKED)]:
            if key in asked:
                words, evidence = e.CHECKED[key]
                row = registry["answer"].model(criterion=asked[key], person=person, answer=words, evidence=evidence, answered_on=at.date(),
                              user=person.owner, created_at=at, updated_at=at)  # fmt: skip
                by_owner.setdefault(person.owner_id, []).append(row)
    for owner, rows in by_owner.items():
        story = [[(events.CriterionAnswered(row.criterion.name, row.answer), row.created_at)] for row in rows]
        write_told("answer", rows, by=voices[owner], story=story)
