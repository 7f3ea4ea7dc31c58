"""Writing the story into Kith through its own doors: the bulk verbs of each room, under one operation.

Rows are written in batches by their owners' actors, so that events name who did what; every event carries the sample's
operation, by which it can all be taken away again.
"""

from __future__ import annotations

import datetime as dt
import gc
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from itertools import islice
from typing import Any

from django.db import transaction
from django.utils import timezone

from kith.deals.actions import install_defaults
from kith.kernel.access.actor import Actor, system
from kith.kernel.accounts.actions import save_team
from kith.kernel.accounts.models import Role, Team, User
from kith.kernel.calendars.actions import install_default
from kith.kernel.errors import KithError
from kith.kernel.organisation.models import bump
from kith.kernel.records import actions
from kith.kernel.records.bulk_create import New, bulk_create
from kith.kernel.records.registry import registry
from kith.kernel.timeline.operations import finish, start
from kith.process.definition.shape import Definition
from kith.process.journeys.silence import catch_up
from kith.process.journeys.telling import Under, Walk, tell
from kith.process.publishing import bring, publish
from kith.process.starters import starter
from kith.starters.tidewell import advocacy
from kith.starters.tidewell import words as w
from kith.starters.tidewell.deciding import write_answers
from kith.starters.tidewell.firststeps import Cast, Lead, write_beginnings
from kith.starters.tidewell.house import House
from kith.starters.tidewell.incoming import write_waiting
from kith.starters.tidewell.journeys import PROCESS, Guide, next_steps, walks
from kith.starters.tidewell.onboarding import write_onboarding
from kith.starters.tidewell.orders import write_orders
from kith.starters.tidewell.outreach import Letters
from kith.starters.tidewell.retention import write_retention
from kith.starters.tidewell.scores import score
from kith.starters.tidewell.story import CompanyStory, Teller
from kith.starters.tidewell.talks import write_bookings, write_chats
from kith.starters.tidewell.tickets import by_itself, write_tickets

SEED = 1203
BATCH = 500  # companies told before they are written
ANSWERED = 5_000  # people whose questions on the checklist are answered, at most
COLLEAGUES = (
    ("Helena Brandt", "helena", Role.ADMINISTRATOR, "South"), ("Ines Okafor", "ines", Role.MEMBER, "South"),
    ("Jonas Lindqvist", "jonas", Role.MEMBER, "North"), ("Priya Nair", "priya", Role.MEMBER, "South"),
    ("Tomasz Wilk", "tomasz", Role.MEMBER, "North"), ("Freja Holm", "freja", Role.MEMBER, "North"),
    ("Lucia Conti", "lucia", Role.MEMBER, "South"), ("Daniel Osei", "daniel", Role.MANAGER, "North"),
)  # fmt: skip
# Who is in the teams that the process names, the lead first: none crosses South and North, so that nobody sees more by it.
TEAMS = {
    "Marketing": ("helena", "lucia"), "Sales": ("helena", "ines", "priya"), "Inside sales": ("daniel", "jonas"),
    "Success": ("daniel", "tomasz", "freja"),
}  # fmt: skip
COST_SHARE = Decimal("0.58")  # of the list price
RATES = (("SEK", "0.0880"), ("GBP", "1.1700"))
Progress = Callable[[int], None]


class Loader:
    """One run: colleagues, products and rates first, then batches of companies with all that is theirs."""

    def __init__(self, *, by: Actor, seed: int = SEED, now: dt.datetime | None = None, guide: type[Guide] = Guide):
        self.by, self.seed, self.now = by, seed, now or timezone.now().replace(microsecond=0)
        self.guides = guide
        self.counts = {"people": 0, "companies": 0, "deals": 0, "activities": 0, "leads": 0}
        self.came: list[tuple[dt.datetime, int]] = []
        self.qualified: list[tuple[Any, dt.datetime]] = []
        self.customers: list[advocacy.Customer] = []

    def run(self, people: int, progress: Progress | None = None) -> dict[str, int]:
        """Tell and write the story of `people` people; returns how many rows of each."""
        self.operation = start("sample", "Tidewell, the sample company", by=self.by, data={"people": people})
        self._set_up()
        self._tell(people, progress)
        self._tell_more(people)
        finish(self.operation)
        return self.counts

    def _set_up(self) -> None:
        """Colleagues, products, rates, the process and the pipeline."""
        with transaction.atomic():
            self.users = colleagues()
            self.actors = [Actor(u.pk, u.name, "system", "web", operation=self.operation.pk) for u in self.users]
            self.products = list(self._products())
            self._rates()
            install_default(self.actors[0])
            self.process = bring(starter(PROCESS), by=self.actors[0])
            self.guide = self.guides(self.seed, self.now, Under(self.process, 1, starter(PROCESS)))
            pipeline = install_defaults(self.actors[0])
            self.stages = list(registry["stage"].model.objects.filter(pipeline=pipeline).order_by("position"))
            reasons = registry["reason"].model.objects.filter(parent=None).order_by("position")
            self.house = House(
                self.actors[0], self.now, sorted({u.first_team for u in self.users}, key=lambda t: t.name)
            )
            self.cast = Cast(system("web").within(self.operation.pk), self.actors, self.house, self.now)
            self.reasons = {o: list(reasons.filter(outcome=o)) for o in ("won", "lost")}

    def _tell(self, people: int, progress: Progress | None) -> None:
        """Companies with their people and deals, batch by batch."""
        owners = {
            t: [i for i, c in enumerate(COLLEAGUES) if c[3] == t and c[2] == Role.MEMBER] for t in ("South", "North")
        }
        leads = {c[3]: i for i, c in enumerate(COLLEAGUES) if c[2] != Role.MEMBER}
        told = Teller(seed=self.seed, now=self.now, owners=owners, leads=leads).companies(people)
        before = gc.get_threshold()
        gc.set_threshold(200_000, 20, 20)  # millions of short-lived objects, none in cycles
        try:
            while batch := list(islice(told, BATCH)):
                with transaction.atomic():
                    self._write(batch)
                if progress:
                    progress(self.counts["people"])
        finally:
            gc.set_threshold(*before)

    def _tell_more(self, people: int) -> None:
        """What rests on all of them: letters, bookings, answers, orders, tickets, voices, and what keeps them."""
        with transaction.atomic():
            write_onboarding(self.actors[0], self.cast.kith, self.seed, self.now)
        with transaction.atomic():
            Letters(self.cast, [person for _at, person in self.came], self.seed).write()
            self.counts["chats"] = write_chats(self.cast, self.seed)
            self.counts["meetings"] = write_bookings(self.cast, self.seed)
        with transaction.atomic():  # now, so that ways are told and not listened to
            publish.run(self.process, note="How we work with our customers", default=True, by=self.actors[0])
            while catch_up():
                pass
        score(self.house, self.came, people, self.now)
        with transaction.atomic():
            write_answers(self.qualified, {u.pk: a for u, a in zip(self.users, self.actors, strict=True)})
            write_waiting(self.cast)
            self.promised = write_orders(self.operation.pk, self.actors, self.now, self.seed)
        with transaction.atomic():
            self.counts["tickets"] = write_tickets(
                self.actors, self.users, by_itself(self.operation.pk), people=people, now=self.now, seed=self.seed
            )
        advocacy.Teller(self.cast.kith, self.voices, self.now, self.seed).write(self.customers)
        self.counts["activities"] += write_retention(self.actors[0], self.seed, self.now)

    @property
    def voices(self) -> list[Actor]:
        """Tidewell's people, each with their account, as they speak for themselves."""
        return [replace(actor, user=user) for actor, user in zip(self.actors, self.users, strict=True)]

    def _products(self) -> Iterator[Any]:
        record = registry["product"]
        for name, sku, family, price, recurring in w.PRODUCTS:
            values = {
                "name": name,
                "sku": sku,
                "family": family,
                "price": Decimal(price),
                "currency": "EUR",
                "recurring": recurring,
                "term": 12 if recurring else None,
                "notice_days": 90 if recurring else None,
                "cost": round(Decimal(price) * COST_SHARE, 2),
            }
            yield record.model.objects.filter(name=name).first() or actions.create(record, values, by=self.actors[0])

    def _rates(self) -> None:
        from kith.kernel.money.actions import set_rate

        for currency, rate in RATES:
            set_rate(
                currency=currency, day=self.now.date() - dt.timedelta(days=900), rate=Decimal(rate), by=self.actors[0]
            )

    def _write(self, batch: list[CompanyStory]) -> None:
        companies = self._by_owner("company", [(c.owner, self._company(c)) for c in batch])
        people_of = [(n, p) for n, c in enumerate(batch) for p in c.people]
        people = self._by_owner(
            "person", [(batch[n].owner, self._person(batch[n], p, companies[n])) for n, p in people_of]
        )
        mine: list[list[Any]] = [[] for _c in batch]
        for (n, _p), row in zip(people_of, people, strict=True):
            mine[n].append(row)
        deals_of = [(n, d) for n, c in enumerate(batch) for d in c.deals]
        deals = self._by_owner("deal", [(batch[n].owner, self._deal(d, companies[n], mine[n])) for n, d in deals_of])
        sold: list[list[Any]] = [[] for _c in batch]
        for (n, _d), row in zip(deals_of, deals, strict=True):
            sold[n].append(row)
        talks = [
            (c.owner, self._activity(a, companies[n], mine[n], sold[n]))
            for n, c in enumerate(batch)
            for a in c.activities
        ]
        self._by_owner("activity", talks)
        ways = self._journeys(batch, companies, mine, sold)
        leads = [
            Lead(c, p, row, companies[n], sold[n], ways[n], p is c.people[0])
            for n, c in enumerate(batch) for p, row in zip(c.people, mine[n], strict=True) if p.beginning is not None
        ]  # fmt: skip
        qualified = write_beginnings(leads, self.cast)
        self.qualified += qualified[: max(0, ANSWERED - len(self.qualified))]
        self.came += [(lead.one.came, lead.person.pk) for lead in leads]
        self.counts["leads"] += len(leads)
        for key, rows in (("companies", companies), ("people", people), ("deals", deals), ("activities", talks)):
            self.counts[key] += len(rows)

    def _journeys(
        self, batch: list[CompanyStory], companies: list[Any], people: list[Any], deals: list[Any]
    ) -> list[Walk]:
        """How each relationship went, and what comes next in nearly all of those that go on; returns the ways."""
        told = list(walks(self.guide, batch, companies))
        bought = (advocacy.customer_of(companies[n], people[n], walk, plan) for n, (_o, walk, plan) in enumerate(told))
        self.customers += [one for one in bought if one is not None]
        for owner in sorted({owner for owner, _walk, _planted in told}):
            tell([walk for o, walk, _planted in told if o == owner], self.guide.under, by=self.actors[owner])
        planned = [
            (story.owner, self._activity(step, companies[n], people[n], deals[n]))
            for n, story in enumerate(batch)
            for step in next_steps(self.guide, story, told[n][1])
        ]
        self._by_owner("activity", planned)
        self.counts["activities"] += len(planned)
        return [walk for _owner, walk, _planted in told]

    def _by_owner(self, record: str, items: list[tuple[int, New]]) -> list[Any]:
        """Rows in the order of `items`, written owner by owner."""
        rows: list[Any] = [None] * len(items)
        for owner in sorted({o for o, _new in items}):
            places = [i for i, (o, _new) in enumerate(items) if o == owner]
            made = bulk_create(registry[record], [items[i][1] for i in places], by=self.actors[owner], refused=_never)
            for i, row in zip(places, made, strict=True):
                rows[i] = row
        return rows

    def _looked_after(self, owner: int) -> dict[str, Any]:
        return {"owner": self.users[owner], "team": self.users[owner].first_team}

    def _company(self, c: CompanyStory) -> New:
        address = [
            {"street": "", "city": c.city, "region": "", "postcode": "", "country": c.place.code, "label": "office"}
        ]
        return New({
            "name": c.name, "domain": c.domain, "industry": c.industry, "employees": c.employees, "addresses": address,
            "tags": c.tags, **self._looked_after(c.owner),
        }, c.created)  # fmt: skip

    def _person(self, c: CompanyStory, p: Any, company: Any) -> New:
        return New({
            "given_name": p.given, "family_name": p.family, "job_title": p.job, "company": company, "source": p.source,
            "emails": [{"value": p.email, "label": "work"}], "phones": [{"value": p.phone, "label": "work"}],
            "addresses": company.addresses, "birthday": p.birthday, "language": c.place.language, "time_zone": c.place.zone, **self._looked_after(c.owner),
        }, p.created)  # fmt: skip

    def _deal(self, d: Any, company: Any, people: list[Any]) -> New:
        reason = self.reasons[d.outcome][d.reason % len(self.reasons[d.outcome])] if d.outcome != "open" else None
        history = [(self.stages[i], at) for i, at in enumerate(d.stages)]
        return New({
            "name": f"{company.name}, {d.name[:1].lower()}{d.name[1:]}", "company": company, "contact": people[d.contact],
            "amount": Decimal(d.amount), "currency": d.currency, "product": self.products[d.product], "status": d.outcome,
            "opened_on": d.stages[0].date(), "closed_on": d.closed, "closes_on": d.closes, "reason": reason,
            "competitor": d.competitor, "reason_words": d.words, "source": d.source, "history": history,
            "stage": history[-1][0], "owner": company.owner, "team": company.team,
        }, d.stages[0])  # fmt: skip

    def _activity(self, a: Any, company: Any, people: list[Any], deals: list[Any]) -> New:
        return New({
            "kind": a.kind, "subject": a.subject, "body": a.body, "due_at": a.due, "done_at": a.done, "minutes": a.minutes,
            "person": people[a.person], "company": company, "deal": deals[a.deal] if a.deal >= 0 else None,
            "owner": company.owner, "team": company.team,
        }, a.written)  # fmt: skip


def _never(n: int, problem: KithError) -> None:
    raise problem


def colleagues() -> list[Any]:
    """Tidewell's people, made once; they sign in by links and passwords like anybody."""
    found = []
    for name, short, role, team in COLLEAGUES:
        user = User.objects.filter(email=f"{short}@tidewell.example").first()
        if user is None:
            user = User.objects.create_user(
                f"{short}@tidewell.example", name=name, role=role, time_zone="Europe/Stockholm"
            )
        group, _made = Team.objects.get_or_create(name=team)
        group.members.add(user)
        user.first_team = group
        found.append(user)
    bump()
    return found


def teams_of(definition: Definition) -> None:
    """The teams that the process names, with Tidewell's people in them; made last, so that what was told before is told of South
    and North alone. A team that is there already stays as it is."""
    people = {user.email.partition("@")[0]: user for user in User.objects.filter(email__endswith="@tidewell.example")}
    for name in dict.fromkeys(
        name for stage in definition.stages for name in (stage.team, *stage.team_for.values()) if name
    ):
        members = [people[short] for short in TEAMS.get(name, ()) if short in people]
        if members and not Team.objects.filter(name=name).exists():
            save_team(None, name=name, members=members, lead=members[0], by=system("web"))
