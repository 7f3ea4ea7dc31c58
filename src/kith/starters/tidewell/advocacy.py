"""What Tidewell's customers answered when they were asked, whom they sent, what they let us tell and what they wish for; and
what they can read.

Planted is how likely somebody recommends us, by whether they were onboarded, and how likely they answer at all: `PROMOTES`,
`WARNS`, `ANSWERS`. A test reads all of it back through the figures of surveys.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from django.db import transaction

from kith.advocacy.ideas import moved
from kith.kernel.access.actor import Actor
from kith.kernel.records import actions
from kith.kernel.records.action import ACTIONS
from kith.kernel.records.registry import registry
from kith.kernel.segments.evaluating import rebuild
from kith.kernel.timeline.write import Entry, write_events
from kith.starters.tidewell import advocacy_words as w
from kith.starters.tidewell.writing import write_told
from kith.surveys.events import LoopClosed, SurveyAnswered, SurveyAsked

PROMOTES = {"onboarded": 0.62, "skipped": 0.26}
WARNS = {"onboarded": 0.09, "skipped": 0.42}
ANSWERS = {"onboarded": 0.52, "skipped": 0.30}
ROUND, FIRST = 90, 30  # days between two askings of one person, and from the first won deal to the first
FOLLOWED = 0.85  # of low answers
MOST_ASKED = 4  # people of one customer


@dataclass(frozen=True)
class Customer:
    """A company that bought: its people, since when, whether it was onboarded, when it left. `answers`: what was planted."""

    company: Any
    people: list[Any]
    since: dt.datetime
    onboarded: bool
    left: dt.datetime | None

    @property
    def fate(self) -> str:
        return "onboarded" if self.onboarded else "skipped"


def customer_of(company: Any, people: list[Any], walk: Any, plan: Any) -> Customer | None:
    """A customer from their way; None for who never bought."""
    won = next((entry.at for entry in walk.entries if entry.stage == "convert"), None)
    if won is None:
        return None
    left = walk.ended[0] if walk.ended is not None and plan.churned else None
    return Customer(company, people, won, "onboard" not in plan.skipped, left)


class Teller:
    """Tells and writes all of it, set by set. The same seed tells the same."""

    def __init__(self, kith: Actor, voices: Sequence[Actor], now: dt.datetime, seed: int):
        self.kith, self.voices, self.now, self.random = kith, voices, now, Random(f"{seed}:advocacy")

    def write(self, customers: Sequence[Customer]) -> dict[str, int]:
        """Everything; returns how many of each."""
        if not customers:
            return {}
        with transaction.atomic():
            segment = self._make("segment", w.CUSTOMERS)
            rebuild(segment.pk)
            self.survey = self._asking(w.SURVEY | {"segment": segment, "every_days": ROUND})
            self._asking(w.AFTER_TICKETS)
            asked = self._answers(customers)
            sent = self._referrals(customers)
            self._reviews(customers)
            self._references(customers)
            self._ideas(customers)
            self._articles()
        return {"asked": asked, "referrals": sent}

    def _make(self, record: str, values: dict[str, Any], by: Actor | None = None, days: float = 420) -> Any:
        return actions.create(registry[record], values, by=by or self.voices[0], at=self.now - dt.timedelta(days=days))

    def _asking(self, values: dict[str, Any]) -> Any:
        """A survey that has asked and rests: nobody of the story is written to."""
        return self._make("survey", values | {"owner": self.voices[0].user})

    def _ago(self, low: float, high: float) -> dt.datetime:
        return self.now - dt.timedelta(days=self.random.uniform(low, high))

    # --- what they answered

    def _answers(self, customers: Sequence[Customer]) -> int:
        rows, told = [], []
        for one in customers:
            until = min(one.left or self.now, self.now)
            for person in one.people[:MOST_ASKED]:
                at = one.since + dt.timedelta(days=FIRST + self.random.uniform(0, ROUND))
                before = ""
                while at < until:
                    row = self._response(one, person, at, before)
                    rows.append(row)
                    before = row.band or before
                    at += dt.timedelta(days=ROUND + self.random.uniform(0, 20))
        write_told("response", rows, by=self.kith)
        for row in rows:
            about = [("company", row.company_id)]
            told.append(
                Entry(
                    "person", row.person_id, SurveyAsked(self.survey.name, "nps", row.pk), about=about, at=row.asked_at
                )
            )
            if row.score is not None:
                said = SurveyAnswered(
                    self.survey.name,
                    "nps",
                    row.score,
                    10,
                    row.band,
                    [],
                    row.pk,
                    f": “{row.comment}”" if row.comment else "",
                )
                told.append(
                    Entry("person", row.person_id, said, about=about, at=row.answered_at, actor_name=row.person.name)
                )
            if row.loop == "closed":
                done = LoopClosed(self.survey.name, row.outcome, row.loop_closed_at > row.loop_due_at, row.pk)
                told.append(Entry("person", row.person_id, done, about=about, at=row.loop_closed_at))
        told.sort(key=lambda entry: entry.at or self.now)
        write_events(told, self.kith)
        return len(rows)

    def _response(self, one: Customer, person: Any, at: dt.datetime, before: str) -> Any:
        draw = self.random
        row = registry["response"].model(
            survey=self.survey, person=person, company_id=one.company.pk, address=person.email, language=person.language,
            state="asked", due_at=at, asked_at=at, before=before, owner_id=one.company.owner_id, team_id=one.company.team_id,
            created_at=at, updated_at=at,
        )  # fmt: skip
        answered = at + dt.timedelta(hours=draw.expovariate(1 / 20))
        if draw.random() >= ANSWERS[one.fate] or answered > self.now:
            return row
        thrown = draw.random()
        up, down = PROMOTES[one.fate], WARNS[one.fate]
        band = "high" if thrown < up else "low" if thrown > 1 - down else "middle"
        row.score = draw.choice({"high": (9, 9, 10), "middle": (7, 8), "low": (2, 4, 5, 6)}[band])
        row.band, row.state, row.answered_at, row.updated_at = band, "answered", answered, answered
        row.comment = draw.choice(w.SAID[band]) if draw.random() < 0.5 else ""
        if band == "low":
            row.loop, row.loop_due_at = "open", answered + dt.timedelta(days=1)
            closed = answered + dt.timedelta(hours=draw.expovariate(1 / 16))
            if draw.random() < FOLLOWED and closed < self.now:
                row.loop, row.loop_closed_at, row.outcome = "closed", closed, draw.choice(w.OUTCOMES)
        return row

    # --- what they do for us

    def _referrals(self, customers: Sequence[Customer]) -> int:
        """Those whom somebody recommended came through a code of a customer we had by then."""
        people = (
            registry["person"]
            .model._default_manager.filter(source="Recommendation")
            .select_related("company")
            .order_by("pk")
        )
        programme = self._make("referral_programme", w.PROGRAMME | {"owner": self.voices[0].user})
        won = {one.company.pk: one.since for one in customers}
        rows: list[Any] = []
        for person in people[:40]:
            before = [
                one
                for one in customers
                if one.since < person.created_at and one.company.pk != person.company_id and one.people
            ]
            if not before or not person.email:
                continue
            one = self.random.choice(before)
            referrer = one.people[0]
            came = won.get(person.company_id)
            reward = "agreed" if came is None else "paid" if came < self.now - dt.timedelta(days=30) else "due"
            rows.append(registry["referral"].model(
                programme=programme, referrer=referrer, person=person, name=person.name, email=person.email, reward=reward,
                amount=programme.amount, currency=programme.currency, outcome_at=came, owner_id=person.owner_id, team_id=person.team_id,
                paid_at=came + dt.timedelta(days=20) if came is not None and reward == "paid" else None,
                created_at=person.created_at, updated_at=person.created_at,
                doubts=[{"key": "network", "words": w.DOUBT}] if reward == "agreed" and self.random.random() < 0.15 else [],
            ))  # fmt: skip
        write_told("referral", rows, by=self.kith)
        from kith.advocacy.referring import code_of

        for row in rows:
            code_of(row.referrer)
        return len(rows)

    def _reviews(self, customers: Sequence[Customer]) -> None:
        """By lot, whatever they answered; the stars follow how it went for them."""
        site = self._make("review_site", w.SITE | {"owner": self.voices[0].user})
        rows: list[Any] = []
        for one in customers:
            if not one.people or self.random.random() > 0.4:
                continue
            at = one.since + dt.timedelta(days=self.random.uniform(30, 60))
            if at > self.now:
                continue
            left = self.random.random() < 0.35
            thrown = self.random.random()
            stars = (5 if thrown < PROMOTES[one.fate] else 2 if thrown > 1 - WARNS[one.fate] else 4) if left else None
            rows.append(registry["public_review"].model(
                site=site, person=one.people[0], company_id=one.company.pk, state="left" if left else "asked", due_at=at, asked_at=at,
                after="deal.won", stars=stars, left_at=at + dt.timedelta(days=2) if left else None, created_at=at, updated_at=at,
                link=f"{site.url}/{len(rows) + 101}" if left else "", owner_id=one.company.owner_id, team_id=one.company.team_id,
            ))  # fmt: skip
        write_told("public_review", rows, by=self.kith)

    def _references(self, customers: Sequence[Customer]) -> None:
        loyal = [one for one in customers if one.onboarded and one.left is None and one.people]
        for n, (one, (kind, state)) in enumerate(
            zip(self.random.sample(loyal, min(len(loyal), len(w.REFERENCES))), w.REFERENCES, strict=False)
        ):
            by, who = self.voices[n % len(self.voices)], one.people[0].name
            row = self._make("reference", {
                "name": w.TITLES[kind].format(company=one.company.name), "kind": kind, "person": one.people[0], "company": one.company,
                "why": w.WHY, "owner": one.company.owner, "team": one.company.team}, by, days=60 - 4 * n)  # fmt: skip
            for verb, given in w.WAY:
                if state == row.state:
                    break
                if verb == "publish" and kind != "call":
                    given = {"link": f"https://tidewell.example/stories/{row.pk}"}
                row = ACTIONS[f"reference.{verb}"].run(
                    row, by=by, **{key: value.format(who=who) for key, value in given.items()}
                )

    def _ideas(self, customers: Sequence[Customer]) -> None:
        votes, manager = [], registry["idea"].model
        vote = manager._meta.get_field("votes").related_model
        people = [person for one in customers if one.left is None for person in one.people[:MOST_ASKED]]
        for n, (title, body, state, answer, liked) in enumerate(w.IDEAS):
            voters = [person for person in people if self.random.random() < liked]
            if not voters:
                continue
            by = self.voices[n % len(self.voices)]
            row = self._make(
                "idea", {"title": title, "body": body, "person": voters[0], "owner": by.user}, by, days=200 - 20 * n
            )
            row = ACTIONS["idea.show"].run(row, by=by)
            if state != "open":
                row = moved(row, state, answer, by=by, tell=False)
            votes += [vote(idea=row, person=person, at=self._ago(1, 180)) for person in voters]
        vote.objects.bulk_create(votes, batch_size=1000)

    # --- what they can read

    def _articles(self) -> None:
        from kith.support.articles import finding

        by = self.voices[1]
        feedback = registry["article"].model._meta.get_field("feedback").related_model
        said = []
        for n, (category, title, body, audience, helped, german) in enumerate(w.ARTICLES):
            row = self._make(
                "article",
                {"title": title, "body": body, "category": category, "audience": audience, "owner": by.user},
                by,
                days=300 - 9 * n,
            )
            if german:
                row = ACTIONS["article.translate"].run(row, language="de", title=german[0], body=german[1], by=by)
            row = ACTIONS["article.publish"].run(row, by=by)
            for k in range(helped[1] if audience == "public" else 0):
                at = self._ago(1, 200)
                said.append(
                    feedback(article=row, number=1, helped=k < helped[0], day=at.date(), at=at, mark=f"sample-{n}-{k}")
                )
        feedback.objects.bulk_create(said, ignore_conflicts=True)
        for words, times in w.LOOKED_FOR:
            for _once in range(times):
                finding.missed(words, reader=True)
