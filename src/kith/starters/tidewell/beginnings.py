"""How people of the sample company came to Tidewell and were answered, from the same seed, told apart from the rest so that
the rest stays what it was.

Two truths are planted, by choosing the way somebody came and how fast they were answered by what became of them: deals of
people who were recommended are won twice as often as those of people who came by an ad, and whoever is answered within an
hour becomes a deal half as often again.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING

from kith.starters.tidewell import early_words as e

if TYPE_CHECKING:
    from kith.starters.tidewell.story import CompanyStory, DealStory

FIRST, OTHERS = 0.8, 0.12  # how many come by themselves: of those we met first at a company, and of their colleagues
BECOMES = 0.45  # of those who come by themselves become a deal
HOUR = dt.timedelta(hours=1)
LEAST = dt.timedelta(hours=1)  # between coming and a deal; who is faster was brought by a colleague of ours


@dataclass
class Beginning:
    """How one person came: by which way, and when; `visits` are earlier visits to the site. `deal`: index of the deal that
    it became, or -1. `mails`: (when, whether they wrote it, subject, text)."""

    way: str
    came: dt.datetime
    campaign: str
    words: str
    visits: list[dt.datetime] = field(default_factory=list)
    newsletter: bool = False
    withdrawn: dt.datetime | None = None
    answered: dt.datetime | None = None
    by_mail: bool = False
    mails: list[tuple[dt.datetime, bool, str, str]] = field(default_factory=list)
    deal: int = -1
    question: int = -1
    draw: float = 0.0  # what is left to chance further on, the same at each telling

    @property
    def fast(self) -> bool:
        return self.answered is not None and self.answered - self.came <= HOUR


def begin(company: CompanyStory, seed: int, now: dt.datetime) -> list[tuple[int, dt.datetime]]:
    """Tell how the people of a company came, and set their source and that of its deals. Returns who of them was answered by
    a call, and when."""
    calls = []
    random = Random(f"{seed}:{company.number}:beginning")
    for deal in company.deals:
        deal.source = e.BY_KEY[_way(random, deal)].source
    first = min(range(len(company.deals)), key=lambda n: company.deals[n].stages[0], default=-1)
    for n, person in enumerate(company.people):
        if random.random() > (OTHERS if n else FIRST):
            person.source = "Cold call" if n == 0 else "Met on a visit"
            continue
        deal = company.deals[first] if n == 0 and first >= 0 else None
        key = next((w.key for w in e.WAYS if deal is not None and w.source == deal.source), "") or _way(random, None)
        if deal is not None and deal.stages[0] < person.created + LEAST:
            person.source = "Cold call"
            continue
        person.source = e.BY_KEY[key].source
        person.beginning = one = _came(random, key, person.created, now)
        one.deal = first if deal is not None else -1
        _answer(random, one, deal.stages[0] if deal is not None else now)
        if one.answered is not None and not one.by_mail:
            calls.append((n, one.answered))
    return calls


def _way(random: Random, deal: DealStory | None) -> str:
    """A way, drawn so that each wins its share: by what became of the deal, or by how many come that way."""
    chances = [
        way.share * {"won": e.BY_WAY[way.key], "lost": 1 - e.BY_WAY[way.key]}.get(deal.outcome if deal else "", 1)
        for way in e.WAYS
    ]
    return random.choices([way.key for way in e.WAYS], chances)[0]


def _came(random: Random, key: str, at: dt.datetime, now: dt.datetime) -> Beginning:
    way = e.BY_KEY[key]
    told = {c.key: c for c in e.CAMPAIGNS}
    days = (now - at).days
    campaign = next((k for k in way.campaigns if told[k].ends <= days <= told[k].began), "")
    one = Beginning(key, at, campaign, random.choice(e.WHY[way.form]) if way.form else "")
    if way.form and random.random() < 0.5:
        one.visits = sorted(at - dt.timedelta(days=random.uniform(0.5, 20)) for _n in range(random.randrange(1, 4)))
    if way.form and random.random() < 0.4:
        one.newsletter = True
        if random.random() < 0.12:
            one.withdrawn = min(at + dt.timedelta(days=random.uniform(20, 200)), now)
    one.question = random.randrange(len(e.QUESTIONS)) if random.random() < 0.3 else -1
    one.draw = random.random()
    return one


def _answer(random: Random, one: Beginning, until: dt.datetime) -> None:
    """When a colleague answered, before `until`; a few who came to nothing were never answered."""
    became = one.deal >= 0
    slow = BECOMES / (e.FAST_SHARE * e.FAST_GAIN + 1 - e.FAST_SHARE)
    share = {True: e.FAST_GAIN * slow / BECOMES, False: (1 - e.FAST_GAIN * slow) / (1 - BECOMES)}[became] * e.FAST_SHARE
    quick = one.came + dt.timedelta(minutes=random.randrange(4, 50))
    late = _day_after(one.came, random.randrange(1, 4)) + dt.timedelta(minutes=random.randrange(180))
    forgotten, fast = random.random() < 0.03, random.random() < share
    at = quick if fast or late >= until else late
    one.by_mail = random.random() < 0.6
    if at >= until or (forgotten and not became):
        return
    one.answered = at
    if one.by_mail:
        _write(random, one, until)


def _day_after(at: dt.datetime, days: int) -> dt.datetime:
    """Eleven o'clock so many working days later."""
    for _n in range(days):
        at += dt.timedelta(days=1)
        while at.weekday() > 4:
            at += dt.timedelta(days=1)
    return at.replace(hour=11, minute=0)


def _write(random: Random, one: Beginning, until: dt.datetime) -> None:
    """The thread that begins with our answer: half of them write back, and we once more."""
    assert one.answered is not None
    subject, text = random.choice(e.ANSWERS)
    one.mails.append((one.answered, False, subject, text))
    back = one.answered + dt.timedelta(hours=random.uniform(0.3, 30))
    again = back + dt.timedelta(minutes=random.randrange(9, 300))
    if random.random() < 0.55 and again < until:
        one.mails.append((back, True, f"Re: {subject}", random.choice(e.REPLIES)))
        one.mails.append((again, False, f"Re: {subject}", random.choice(e.GOODBYES)))
