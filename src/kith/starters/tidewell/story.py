"""The sample company's story, made from a seed: companies with their people, deals and conversations.

Pure: the same seed, size and day give the same story, whatever the machine. Nothing here touches the database; moments
are in the past except next steps, some of which are late and some missing, as in life.
"""

from __future__ import annotations

import datetime as dt
import random
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from kith.kernel.text import fold
from kith.starters.tidewell import words as w
from kith.starters.tidewell.beginnings import Beginning, begin

MONTHS = 18
DAYS = 548
LED = 4  # every so manyth company is looked after by whoever leads its team
STAGE_DAYS = (11, 9, 14, 12, 6)  # typical days in each stage, first to last


@dataclass
class PersonStory:
    given: str
    family: str
    email: str
    phone: str
    job: str
    source: str
    created: dt.datetime
    birthday: dt.date | None = None
    beginning: Beginning | None = None  # of whom came to us by themselves


@dataclass
class DealStory:
    """`stages`: moments at which each stage was entered; `outcome`: open, won or lost on `closed`."""

    name: str
    contact: int
    amount: int
    currency: str
    product: int
    stages: list[dt.datetime]
    outcome: str
    closed: dt.date | None
    closes: dt.date
    reason: int
    competitor: str
    words: str
    source: str


@dataclass
class ActivityStory:
    """`deal`: index among the company's deals or -1; `done`: None for what is still open."""

    kind: str
    subject: str
    body: str
    person: int
    deal: int
    written: dt.datetime
    due: dt.datetime | None
    done: dt.datetime | None
    minutes: int | None = None


@dataclass
class CompanyStory:
    number: int
    name: str
    domain: str
    industry: str
    employees: int
    city: str
    place: w.Place
    owner: int
    created: dt.datetime
    tags: list[str]
    people: list[PersonStory] = field(default_factory=list)
    deals: list[DealStory] = field(default_factory=list)
    activities: list[ActivityStory] = field(default_factory=list)


class Teller:
    """Tells the story of one company after another. `owners`: owner numbers by team name; `leads`: who leads a team and
    looks after every fourth of its companies."""

    def __init__(
        self, *, seed: int, now: dt.datetime, owners: dict[str, list[int]], leads: dict[str, int] | None = None
    ):
        self.random, self.now, self.owners, self.leads = random.Random(seed), now, owners, leads or {}
        self.seed = seed

    def companies(self, people: int) -> Iterator[CompanyStory]:
        """Companies until `people` people are told; about five people, two and a half deals each."""
        told, number = 0, 0
        while told < people:
            number += 1
            company = self.company(number, min(people - told, 1 + min(int(self.random.expovariate(0.24)), 24)))
            told += len(company.people)
            for n, at in begin(company, self.seed, self.now):
                company.activities.append(ActivityStory("call", w.CALLS[0], "", n, -1, at, at, at, 12))
            yield company

    def company(self, number: int, people: int) -> CompanyStory:
        r = self.random
        place, building = r.choice(w.PLACES), r.choice(w.BUILDINGS)
        city, fancy = r.choice(place.cities), r.choice(w.FANCY)
        name = r.choice(building[1]).format(place=city, word=fancy)
        if number > 200:  # beyond a small sample names would repeat too often to tell firms apart
            name = f"{name} {number}"
        known = r.random() < 0.5  # when the story begins; the others come one by one
        created = self.moment(DAYS * (r.uniform(0.94, 1) if known else r.random()))
        owner = r.choice(self.owners[place.team])
        owner = self.leads.get(place.team, owner) if number % LED == 0 else owner
        told = CompanyStory(
            number, name, f"{slug(name)}.example", building[0], max(3, int(building[2] * r.lognormvariate(0, 0.7))), city,
            place, owner, created, [r.choice(("insured", "pilot", "chain", "listed building"))] if r.random() < 0.3 else [],
        )  # fmt: skip
        told.people = [self.person(told, n) for n in range(people)]
        for _n in range(min(int(r.expovariate(0.345)), 9)):
            told.deals.append(self.deal(told))
        self.talk(told)
        return told

    def person(self, company: CompanyStory, n: int) -> PersonStory:
        r, place = self.random, company.place
        given, family = r.choice(place.given), r.choice(place.family)
        local = f"{slug(given)}.{slug(family)}" + (str(n) if n else "")
        created = company.created if n == 0 else self.between(company.created, self.now)
        phone = f"{place.dial}{r.randrange(10_000):04d}"
        return PersonStory(
            given,
            family,
            f"{local}@{company.domain}",
            phone,
            r.choice(w.JOBS),
            r.choice(w.SOURCES),
            created,
            birthday(f"{local}@{company.domain}"),
        )

    def deal(self, company: CompanyStory) -> DealStory:
        r = self.random
        opened = self.between(company.created, self.now - dt.timedelta(hours=2))
        pace = r.lognormvariate(0, 0.55)
        stages, at, outcome = [opened], opened, "open"
        for days in STAGE_DAYS:
            if r.random() < 0.14:
                outcome = "lost"
            at += dt.timedelta(days=max(0.2, r.expovariate(1 / days)) * pace)
            if at >= self.now or outcome == "lost" or len(stages) == len(STAGE_DAYS):
                break
            stages.append(min(max(stages[-1], self.working(at)), self.now))
        if at < self.now and outcome == "open":
            outcome = "won" if r.random() < 0.78 else "lost"
        if outcome == "open" or at >= self.now:
            outcome, closed = "open", None
        else:
            closed = max(stages[-1], self.working(at)).date()
        amount = round(min(900_000, 9_000 * r.lognormvariate(0.6, 0.9)) / 50) * 50
        thing = r.choice(w.DEAL_THINGS).format(n=r.choice(("Two", "Three", "Six", "Eleven")), s=r.randrange(20, 90))
        reason = r.randrange(len(w.LOST_WORDS))
        lost_to = r.choice(w.COMPETITORS) if outcome == "lost" and reason in w.COMPARED else ""
        words = {"won": r.choice(w.WON_WORDS), "lost": r.choice(w.LOST_WORDS[reason])}.get(outcome, "")
        return DealStory(
            thing, r.randrange(len(company.people)), amount, {"SE": "SEK", "GB": "GBP"}.get(company.place.code, "EUR"),
            r.randrange(len(w.PRODUCTS)), stages, outcome, closed,
            (closed or self.now.date() + dt.timedelta(days=r.randrange(-8, 75))), reason, lost_to, words, r.choice(w.SOURCES),
        )  # fmt: skip

    def talk(self, company: CompanyStory) -> None:
        """About five conversations a deal and one a year with everybody else, then what comes next."""
        for n, deal in enumerate(company.deals):
            last = dt.datetime.combine(deal.closed, dt.time(15), tzinfo=dt.UTC) if deal.closed else self.now
            for _i in range(1 + int(self.random.expovariate(0.9))):
                company.activities.append(
                    self.past(company, deal.contact, n, self.between(deal.stages[0], min(last, self.now)))
                )
            if deal.outcome == "open" and self.random.random() < 0.86:
                company.activities.append(self.next(company, deal.contact, n))
        for n in range(len(company.people)):
            if self.random.random() < 0.22:
                company.activities.append(self.past(company, n, -1, self.between(company.people[n].created, self.now)))
            if self.random.random() < 0.12:
                company.activities.append(self.next(company, n, -1))

    def past(self, company: CompanyStory, person: int, deal: int, at: dt.datetime) -> ActivityStory:
        r = self.random
        kind = r.choices(("call", "meeting", "note", "task"), (40, 15, 25, 20))[0]
        if kind == "note":
            text = r.choice(w.NOTES).format(
                month=r.choice(("March", "June", "October")), k=r.randrange(4, 60), rival=r.choice(w.COMPETITORS)
            )
            return ActivityStory("note", "", text, person, deal, at, None, at)
        subject = r.choice({"call": w.CALLS, "meeting": w.MEETINGS, "task": w.TASKS}[kind])
        written = at - dt.timedelta(days=r.randrange(1, 9)) if kind == "task" else at
        minutes = None if kind == "task" else r.choice((5, 8, 12, 20, 30, 45, 60))
        return ActivityStory(kind, subject, "", person, deal, max(written, company.created), at, at, minutes)

    def next(self, company: CompanyStory, person: int, deal: int) -> ActivityStory:
        r = self.random
        days = r.choices((-6, -2, -1, 0, 1, 2, 4, 8, 15, 30), (2, 3, 4, 12, 14, 14, 16, 15, 12, 8))[0]
        day = (self.now + dt.timedelta(days=days)).replace(
            hour=r.choice((8, 9, 10, 11, 13, 14, 15)), minute=r.choice((0, 0, 30)), second=0, microsecond=0
        )
        kind = r.choices(("task", "call", "meeting"), (55, 30, 15))[0]
        subject = r.choice({"call": w.CALLS, "meeting": w.MEETINGS, "task": w.TASKS}[kind])
        written = max(company.created, self.working(min(day, self.now) - dt.timedelta(days=r.randrange(1, 12))))
        return ActivityStory(
            kind, subject, "", person, deal, min(written, self.now), day, None, 45 if kind == "meeting" else None
        )

    def moment(self, days_ago: float) -> dt.datetime:
        """A working moment that long ago."""
        return min(self.working(self.now - dt.timedelta(days=days_ago)), self.now - dt.timedelta(hours=3))

    def between(self, start: dt.datetime, end: dt.datetime) -> dt.datetime:
        if end <= start:
            return start
        at = start + (end - start) * self.random.random()
        return min(max(start, self.working(at)), end)

    def working(self, at: dt.datetime) -> dt.datetime:
        """That day's office hours; Saturday's and Sunday's work is done on Friday."""
        at -= dt.timedelta(days=max(0, at.weekday() - 4))
        return at.replace(
            hour=7 + self.random.randrange(10), minute=self.random.randrange(12) * 5, second=0, microsecond=0
        )


def birthday(email: str) -> dt.date | None:
    """Known of three people in four. Worked out from the address, so that the rest of the story stays as it is told."""
    mark = zlib.crc32(email.encode())
    return None if mark % 4 == 0 else dt.date(1952, 1, 1) + dt.timedelta(days=mark // 4 % 18_000)


def slug(text: str) -> str:
    return "-".join("".join(c if c.isalnum() else " " for c in fold(text)).split())
