"""How people came, were answered, decided and written to: the first four steps of a batch of companies, written with the
rooms' own bulk verbs where they have them, in the order in which things happen.

What follows by itself (touches from forms, clocks of first answers, where a lead stands) is left to those who hear the
events. Enrolments and assignments come last, since they are told with their end.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from kith.awareness.campaigns.telling import tell_members
from kith.awareness.touches.coming import read
from kith.awareness.touches.writing import Reported, report_many
from kith.capture.events import FormSubmitted
from kith.contacts.consent.actions import Said, record_many
from kith.contacts.consent.models import Through
from kith.contacts.events import Captured
from kith.kernel.access.actor import Actor
from kith.kernel.records.registry import registry
from kith.kernel.timeline.followup import refresh
from kith.kernel.timeline.write import Entry, write_events
from kith.starters.tidewell import early_words as e
from kith.starters.tidewell.beginnings import Beginning
from kith.starters.tidewell.deciding import write_decisions
from kith.starters.tidewell.house import House
from kith.starters.tidewell.letters import write_letters, write_questions
from kith.starters.tidewell.story import CompanyStory, PersonStory
from kith.starters.tidewell.writing import write_told

MINUTE = dt.timedelta(minutes=1)
STATES = {"webinar": ("registered", "attended", "no_show"), "fair": ("attended",)}


@dataclass(frozen=True)
class Lead:
    """Somebody who came by themselves, with the rows of theirs: `walk` is how the relationship with their company went."""

    story: CompanyStory
    told: PersonStory
    person: Any
    company: Any
    deals: list[Any]
    walk: Any
    first: bool

    @property
    def one(self) -> Beginning:
        assert self.told.beginning is not None
        return self.told.beginning

    @property
    def way(self) -> e.Way:
        return e.BY_KEY[self.one.way]

    @property
    def refs(self) -> list[tuple[str, int]]:
        return [("person", self.person.pk), ("company", self.company.pk)]


@dataclass(frozen=True)
class Cast:
    """Who writes: Kith for what comes by itself, colleagues by their number, and what the house has set up."""

    kith: Actor
    voices: list[Actor]
    house: House
    now: dt.datetime

    def by_owner(self, leads: Iterable[Lead]) -> list[tuple[Actor, list[Lead]]]:
        """(colleague, their leads)"""
        found: dict[int, list[Lead]] = defaultdict(list)
        for lead in leads:
            found[lead.story.owner].append(lead)
        return [(self.voices[owner], found[owner]) for owner in sorted(found)]


def write_beginnings(leads: list[Lead], cast: Cast) -> list[tuple[Any, dt.datetime]]:
    """Everything of these leads, in the caller's transaction. Returns who of them was qualified, and when."""
    if not leads:
        return []
    _members(leads, cast)
    _consents(leads, cast)
    submissions = _submissions(leads, cast)
    _came(leads, submissions, cast)
    write_letters(leads, cast)
    write_questions(leads, cast)
    qualified = write_decisions(leads, cast)
    refresh([ref for lead in leads for ref in lead.refs])
    return qualified


def _members(leads: list[Lead], cast: Cast) -> None:
    """Who answered to a campaign, and how far they were with it: a webinar is registered for before somebody comes."""
    told = []
    for lead in leads:
        if lead.one.campaign:
            states, at = STATES.get(lead.way.key, ("responded",)), lead.one.came
            then = at + dt.timedelta(days=6)
            if len(states) > 1:
                states = (states[0], states[1 if lead.one.draw < 0.7 else 2]) if then < cast.now else states[:1]
            told.append(
                (cast.house.campaigns[lead.one.campaign], lead.person, list(zip(states, (at, then), strict=False)))
            )
    tell_members(told, cast.kith.name)


def _consents(leads: list[Lead], cast: Cast) -> None:
    """What they agreed to: letters, with the form. That they may be known again on the site is said with their visits."""
    house, said = cast.house, []
    for lead in leads:
        person, one = lead.person, lead.one
        given = {"address": person.email, "language": person.language, "who": person.name}
        if one.newsletter:
            form = house.forms[lead.way.form]
            said.append(Said(person.pk, house.purposes["newsletter"], True, Through.FORM, source=form.name,
                             page=f"{e.SITE}/{form.key}", at=one.came, **given))  # fmt: skip
    record_many(said, by=cast.kith)
    gone = [
        Said(lead.person.pk, house.purposes["newsletter"], False, Through.UNSUBSCRIBE, address=lead.person.email,
             source="The tide letter", who=lead.person.name, at=lead.one.withdrawn)
        for lead in leads if lead.one.withdrawn is not None
    ]  # fmt: skip
    record_many(gone, by=cast.kith)


def _utm(lead: Lead) -> dict[str, str]:
    words = {"utm_source": lead.way.site, "utm_medium": lead.way.medium, "utm_campaign": lead.one.campaign}
    return {key: word for key, word in words.items() if word}


def _submissions(leads: list[Lead], cast: Cast) -> dict[int, Any]:
    """{person: what they sent}, taken in and acknowledged."""
    made = {lead.person.pk: _submission(lead, cast) for lead in leads if lead.way.form}
    write_told("submission", list(made.values()), by=cast.kith)
    return made


def _submission(lead: Lead, cast: Cast) -> Any:
    form, person, at = cast.house.forms[lead.way.form], lead.person, lead.one.came
    said = (
        ("name", "person.name", "Your name", person.name), ("email", "person.email", "E-mail", person.email),
        ("company", "company.name", "Company", lead.company.name), ("why", "", e.FORMS[form.key][2], lead.one.words),
    )  # fmt: skip
    box = cast.house.purposes["newsletter"]
    return registry["submission"].model(
        name=person.name, subject=form.name, form=form, version_number=form.number, state="done", email=person.email,
        reason=lead.one.words, language="en", page=f"{e.SITE}/{form.key}", referrer=lead.way.referrer, person=person,
        owner=person.owner, team=person.team, settled_at=at, acknowledged_at=at + dt.timedelta(seconds=12), utm=_utm(lead),
        raw={key: [text] for key, _column, _label, text in said}, network="192.0.2.0",
        answers=[{"key": key, "label": label, "value": text, "column": column} for key, column, label, text in said],
        facts={"person.name": person.name, "person.email": person.email, "company.name": lead.company.name},
        consents=[{"purpose": box.key, "wording": box.wording, "number": 1, "language": ""}] if lead.one.newsletter else [],
        created_at=at, updated_at=at,
    )  # fmt: skip


def _visitor(lead: Lead) -> str:
    """The key by which the site knew their browser."""
    return f"{lead.person.pk:032x}"


def _visits(lead: Lead, cast: Cast) -> list[Reported]:
    """As the script of the site reported them, since the banner's yes with the first."""
    words, agreed = cast.house.purposes["tracking"].wording, lead.one.visits[0]
    origins = [
        read(_utm(lead) if n == 0 else {}, f"{e.SITE}/", lead.way.referrer, "visit")
        for n in range(len(lead.one.visits))
    ]
    return [
        Reported(_visitor(lead), at, origin, agreed, words) for at, origin in zip(lead.one.visits, origins, strict=True)
    ]


def _came(leads: list[Lead], submissions: dict[int, Any], cast: Cast) -> None:
    """Visits that the site's script reported, then who made themselves known: heard by those who keep touches, consent to
    being known again, and clocks."""
    report_many(visit for lead in leads if lead.one.visits for visit in _visits(lead, cast))
    entries = []
    for lead in leads:
        sent = submissions.get(lead.person.pk)
        campaign = lead.one.campaign
        events: list[Any] = [Captured(lead.way.through, sent.subject if sent else lead.way.source, campaign)]
        if sent is not None:
            events.insert(0, FormSubmitted(sent.pk, sent.subject, sent.form_id, sent.version_number, sent.reason,
                                           sent.page, sent.referrer, sent.utm,
                                           _visitor(lead) if lead.one.visits else ""))  # fmt: skip
        about = [("company", lead.company.pk)]
        for event in events:
            entries.append(Entry("person", lead.person.pk, event, {}, about, lead.one.came, lead.person.name))
    write_events(entries, cast.kith)
