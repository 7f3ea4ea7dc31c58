"""Who works where and who knows whom, as one reader may see it: a few queries each, whatever the size."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import DateField, Exists, F, OuterRef, Q, Value
from django.db.models.functions import Cast

from kith.contacts.models import Company, Person, Position, Relation
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
    told = Position.objects.filter(person=person).order_by().annotate(
        name=F("company__name"), seen=_may(actor, "company", "see", "company_id")
    )  # fmt: skip
    no_day = Cast(Value(None), DateField())
    main = Company.objects.filter(pk=person.company_id or 0).annotate(
        title=Value(""), since=no_day, until=no_day, seen=_may(actor, "company", "see", "pk")
    )  # fmt: skip
    rows = told.values_list("company_id", *_TOLD)[:MOST].union(main.values_list("pk", *_TOLD), all=True)
    held: dict[int, Role] = {}
    for pk, title, since, until, name, seen in rows:
        if pk in held:
            continue  # the main company, of which a position told already
        title = person.job_title or title if pk == person.company_id else title
        held[pk] = Role(
            person, Company(pk=pk, name=name) if seen else None, title, since, until, pk == person.company_id
        )
    return sorted(held.values(), key=_by_weight)


_TOLD = ("title", "since", "until", "name", "seen")


def _by_weight(role: Role) -> Any:
    ended, began = role.until or dt.date.max, role.since or dt.date.min
    return not role.main, -ended.toordinal(), -began.toordinal()


def ties_of(actor: Actor, person: Person) -> list[Tie]:
    """Connections of a person in both directions, those from the person first."""
    both = Relation.objects.filter(Q(person=person) | Q(other=person)).exclude(person=F("other")).annotate(
        sees_person=_may(actor, "person", "see", "person_id"), sees_other=_may(actor, "person", "see", "other_id"),
        edits=_may(actor, "person", "edit", "person_id"),
    )  # fmt: skip
    rows = both.select_related("person", "other").only("kind", "person__name", "other__name").order_by("kind", "pk")
    ties = []
    for r in rows[:MOST]:
        towards = r.person_id != person.pk
        seen = r.sees_person if towards else r.sees_other
        ties.append(Tie((r.person if towards else r.other) if seen else None, r.kind, towards, seen and r.edits))
    return sorted(ties, key=lambda tie: tie.towards)


def people_of(actor: Actor, company: Company, limit: int = MOST) -> list[Role]:
    """People who work or worked at a company, through any role; only those the reader may see. Those whose main company it
    is come first, by name; who left comes last. Two queries."""
    people = registry["person"].rows(actor, archived=False)
    known = Position.objects.filter(
        _may(actor, "person", "see", "person_id"), company=company, person__archived_at=None
    )
    known = known.select_related("person").only(*_ROLE, *(f"person__{name}" for name in _PERSON))
    held = {p.person_id: p for p in known.order_by(F("until").desc(nulls_first=True), "pk")[:limit]}
    roles = [_held(p, company) for p in held.values()]
    for person in (
        people.filter(company=company).exclude(pk__in=held).only(*_PERSON).order_by("sort_name", "pk")[:limit]
    ):
        roles.append(Role(person, company, person.job_title, None, None, True))
    return sorted(roles, key=lambda role: (not role.now, not role.main, role.person.sort_name))[:limit]  # type: ignore[union-attr]


_ROLE = ("person_id", "company_id", "title", "since", "until")
_PERSON = ("name", "sort_name", "job_title", "company_id")


def _held(position: Position, company: Company) -> Role:
    person = position.person
    main = person.company_id == company.pk
    title = person.job_title or position.title if main else position.title
    return Role(person, company, title, position.since, position.until, main)


def _may(actor: Actor, record: str, verb: str, link: str) -> Any:
    """Whether the actor may do the verb on the row that a link leads to, as a column: no further query to know."""
    kind = registry[record]
    if verb != "see" and not actor.can(f"{record}.{verb}"):
        return Value(False)
    if kind.scope.q(actor, record, verb) == Q():
        return Value(True)
    return Exists(kind.rows(actor, verb).filter(pk=OuterRef(link)))
