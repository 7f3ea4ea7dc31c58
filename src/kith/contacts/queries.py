"""Who works where and who knows whom, as one reader may see it: a few queries each, whatever the size."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import DateField, Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast

from kith.contacts.models import BORN, Company, Person, Position, Relation
from kith.kernel.access.actor import Actor
from kith.kernel.records.registry import registry

MOST = 100  # roles or connections that are read; who has more is better served by a list
SHOWN = 12  # people of a company that stand on its page; the list has them all


@dataclass(frozen=True)
class Role:
    """A role of `person` in `company`; None stands for one that the reader may not see. main: the company that stands on
    the person."""

    person: Person | None
    company: Company | None
    title: str
    since: dt.date | None
    until: dt.date | None
    main: bool

    @property
    def now(self) -> bool:
        return self.until is None


@dataclass(frozen=True)
class Tie:
    """A connection of the person asked about with `other`: from the person ("reports to Oliver"), or `towards` the person
    ("Marta reports to …"). other: None where the reader may not see them. mine: the reader may take it away."""

    other: Person | None
    kind: str
    towards: bool
    mine: bool


def roles_of(actor: Actor, person: Person) -> list[Role]:
    """Roles of a person: the main company first, then those that go on, then those that ended. One query."""
    return _roles(person, _read(_role_arms(actor, person)))


def ties_of(actor: Actor, person: Person) -> list[Tie]:
    """Connections of a person in both directions, those from the person first. One query."""
    return _ties(_read(_tie_arms(actor, person)))


def roles_and_ties_of(actor: Actor, person: Person) -> tuple[list[Role], list[Tie]]:
    """Both, in one query: what a page shows."""
    rows = _read([*_role_arms(actor, person), *_tie_arms(actor, person)])
    return _roles(person, rows), _ties(rows)


@dataclass(frozen=True)
class _Told:
    """A line of either: `what` it tells of, the company or person at its other end, and their name where `seen`."""

    what: str
    pk: int
    name: str
    words: str
    since: dt.date | None
    until: dt.date | None
    seen: bool
    mine: bool


def _read(arms: list[Any]) -> list[_Told]:
    first, *rest = (arm.values_list("what", "at", "called", "words", "began", "ended", "seen", "mine") for arm in arms)
    return [_Told(*row) for row in first.union(*rest, all=True)]


_NO_DAY = Cast(Value(None), DateField())


def _role_arms(actor: Actor, person: Person) -> list[Any]:
    held = Position.objects.filter(person=person).annotate(
        what=Value("role"), at=F("company_id"), called=F("company__name"), words=F("title"), began=F("since"),
        ended=F("until"), seen=_may(actor, "company", "see", "company_id"), mine=Value(True),
    )  # fmt: skip
    main = Company.objects.filter(pk=person.company_id or 0).annotate(
        what=Value("main"), at=F("pk"), called=F("name"), words=Value(person.job_title), began=_NO_DAY, ended=_NO_DAY,
        seen=_may(actor, "company", "see", "pk"), mine=Value(True),
    )  # fmt: skip
    return [held[:MOST], main]


def _tie_arms(actor: Actor, person: Person) -> list[Any]:
    arms = []
    for what, here, there in (("from", "person", "other"), ("towards", "other", "person")):
        ties = Relation.objects.filter(**{here: person}).exclude(person=F("other")).annotate(
            what=Value(what), at=F(f"{there}_id"), called=F(f"{there}__name"), words=F("kind"), began=_NO_DAY, ended=_NO_DAY,
            seen=_may(actor, "person", "see", f"{there}_id"), mine=_may(actor, "person", "edit", "person_id"),
        )  # fmt: skip
        arms.append(ties[:MOST])
    return arms


def _roles(person: Person, rows: list[_Told]) -> list[Role]:
    held: dict[int, Role] = {}
    for r in sorted((r for r in rows if r.what in ("role", "main")), key=lambda r: r.what == "main"):
        if r.pk in held:
            continue  # the main company, of which a position told already
        main = r.pk == person.company_id
        title = person.job_title or r.words if main else r.words
        held[r.pk] = Role(person, Company(pk=r.pk, name=r.name) if r.seen else None, title, r.since, r.until, main)
    return sorted(held.values(), key=_by_weight)


def _by_weight(role: Role) -> Any:
    ended, began = role.until or dt.date.max, role.since or dt.date.min
    return not role.main, -ended.toordinal(), -began.toordinal()


def _ties(rows: list[_Told]) -> list[Tie]:
    ties = [
        Tie(Person(pk=r.pk, name=r.name) if r.seen else None, r.words, r.what == "towards", r.seen and r.mine)
        for r in rows
        if r.what in ("from", "towards")
    ]
    return sorted(ties, key=lambda tie: (tie.towards, tie.kind, tie.other.name if tie.other else ""))


def people_of(actor: Actor, company: Company, limit: int = MOST) -> list[Role]:
    """People who work or worked at a company, through any role; only those the reader may see. Those whose main company it
    is come first, by name; who left comes last. One query."""
    people = registry["person"].rows(actor, archived=False).filter(company=company)
    mains = people.annotate(arm=Value(2), title=Value(""), since=_NO_DAY, until=_NO_DAY).order_by("sort_name", "pk")
    known = Position.objects.filter(
        _may(actor, "person", "see", "person_id"), company=company, person__archived_at=None
    )
    known = known.annotate(arm=Value(1)).order_by(F("until").desc(nulls_first=True), "pk")
    columns = ("arm", "title", "since", "until")
    of_person = ("pk", "name", "sort_name", "job_title", "company_id")
    told = known.values_list(*columns, *(f"person__{name}" for name in of_person))[:limit].union(
        mains.values_list(*columns, *of_person)[:limit], all=True
    )
    roles: dict[int, Role] = {}
    for _arm, title, since, until, *values in sorted(told, key=lambda row: row[0]):
        person = Person(**dict(zip(of_person, values, strict=True)))
        if person.pk not in roles:  # a position tells more than the main company, and stands first
            main = person.company_id == company.pk
            title = person.job_title or title if main else title
            roles[person.pk] = Role(person, company, title, since, until, main)
    return sorted(roles.values(), key=lambda r: (not r.now, not r.main, r.person.sort_name))[:limit]  # type: ignore[union-attr]


def birthdays_on(actor: Actor, days: Iterable[tuple[int, int]]) -> QuerySet[Person]:
    """People whose birthday is on one of these (month, day), with `born`, month and day as a number. Who was born on 29
    February is thought of on the day before where there is none. Of one colleague's the index `person_birthday` tells."""
    wanted = {month * 100 + day for month, day in days}
    if 228 in wanted and 301 in wanted:
        wanted.add(229)
    rows: QuerySet[Person] = registry["person"].rows(actor, archived=False)
    return rows.annotate(born=BORN).filter(birthday__isnull=False, born__in=sorted(wanted))


def _may(actor: Actor, record: str, verb: str, link: str) -> Any:
    """Whether the actor may do the verb on the row that a link leads to, as a column: no further query to know."""
    kind = registry[record]
    if verb != "see" and not actor.can(f"{record}.{verb}"):
        return Value(False)
    if kind.scope.q(actor, record, verb) == Q():
        return Value(True)
    return Exists(kind.rows(actor, verb).filter(pk=OuterRef(link)))
