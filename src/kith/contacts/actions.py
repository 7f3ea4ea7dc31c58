"""Verbs of people beyond the generic ones: roles in companies, and how people know each other.

A person's main company stands on the person; what it says beyond the job title (since when, until when), and every
further role, is a `Position`. The two are kept in step here.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from django.utils import timezone
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.contacts.customers import become_customer, end_customer, is_customer, newest_day, unsay_customer
from kith.contacts.events import ChangedPosition, Related, Unrelated
from kith.contacts.models import Person, Position, Relation
from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid
from kith.kernel.kinds import Day, Link, Text
from kith.kernel.records.action import GIVEN, action
from kith.kernel.timeline.change import change
from kith.kernel.timeline.sides import Sides

__all__ = [
    "add_person", "add_position", "become_customer", "change_position", "end_customer", "end_position", "is_customer", "newest_day",
    "relate", "remove_position", "unrelate", "unsay_customer",
]  # fmt: skip
Company = Annotated[Any, Link("company"), _("Company")]
Held = Annotated[Any, Link("company"), _("Company"), GIVEN]  # the role is told by where its company stands
Other = Annotated[Any, Link("person"), _("Person")]
Role = Annotated[str, Text(200), _("Role")]
Since = Annotated[dt.date | None, Day(), _("Since")]
Until = Annotated[dt.date | None, Day(), _("Until")]


@action("person.add_position", needs="person.edit", label=_("Add a role in a company"), icon="company",
        done=_("Role added"))  # fmt: skip
def add_position(
    person: Person, *, company: Company, title: Role = "", since: Since = None, until: Until = None, by: Actor
) -> Person:
    """A person works (or worked) at a company too. The first one becomes the main company."""
    with change(person, by=by) as c:
        side = _roles(c.row, company)
        position = _role(c.row, company) or Position(person=c.row, company=company)
        _write(c.row, position, title, since, until)
        if c.row.company_id is None and until is None:
            c.row.company, c.row.job_title = company, title or c.row.job_title
        _say(c, company, side, title, until is not None)
    return c.row


@action("company.add_person", needs="person.edit", label=_("Add a person's role here"), icon="user-plus",
        done=_("Role added"))  # fmt: skip
def add_person(
    company: Any, *, person: Other, title: Role = "", since: Since = None, until: Until = None, by: Actor
) -> Any:
    """The same, begun at the company's end: somebody who is known already works here too."""
    add_position.run(person, company=company, title=title, since=since, until=until, by=by)
    return company


@action("person.change_position", needs="person.edit", label=_("Change a role"), icon="pencil", done=_("Role changed"))
def change_position(
    person: Person, *, company: Held, title: Role = "", since: Since = None, until: Until = None, by: Actor
) -> Person:
    """The role is called otherwise, or began or ended on another day; what is left empty is not known any more."""
    with change(person, by=by) as c:
        side = _roles(c.row, company)
        position = _held(c.row, company)
        _write(c.row, position, title, since, until)
        if until is not None:
            _leave(c.row, company)
        elif c.row.company_id == company.pk:
            c.row.job_title = title
        _say(c, company, side, title, until is not None)
    return c.row


@action(
    "person.end_position", needs="person.edit", label=_("End a role in a company"), icon="check", done=_("Role ended")
)
def end_position(person: Person, *, company: Held, until: Until = None, by: Actor) -> Person:
    """They left, today if nothing else is said; the role stays in the story with its end."""
    with change(person, by=by) as c:
        side = _roles(c.row, company)
        position = _held(c.row, company)
        _write(c.row, position, position.title, position.since, until or timezone.localdate())
        _leave(c.row, company)
        _say(c, company, side, position.title, True)
    return c.row


@action("person.remove_position", needs="person.edit", label=_("Remove a role"), icon="trash", done=_("Role removed"))
def remove_position(person: Person, *, company: Held, by: Actor) -> Person:
    """It never was so. A role that came to an end is ended instead."""
    with change(person, by=by) as c:
        side = _roles(c.row, company)
        position = _held(c.row, company)
        if position.pk:
            position.delete()
        _leave(c.row, company)
        _say(c, company, side, position.title, False, removed=True)
    return c.row


def _roles(person: Person, company: Any) -> Sides:
    return Sides(Position.objects.filter(person=person, company=company))


def _role(person: Person, company: Any) -> Position | None:
    return Position.objects.filter(person=person, company=company).first()


def _held(person: Person, company: Any) -> Position:
    """The role, though it may be known as the main company alone and then is not saved yet."""
    position = _role(person, company)
    if position is None and person.company_id == company.pk:
        return Position(person=person, company=company, title=person.job_title)
    if position is None:
        raise Invalid(__("%(person)s has no role at %(company)s.") % {"person": person, "company": company}, "company")
    if not position.title and person.company_id == company.pk:
        position.title = person.job_title
    return position


def _write(person: Person, position: Position, title: str, since: dt.date | None, until: dt.date | None) -> None:
    if since and until and until < since:
        raise Invalid(__("“Until” is before “since”."), "until")
    position.title, position.since, position.until = title, since, until
    position.save()


def _leave(person: Person, company: Any) -> None:
    """Who left the main company has the next role as the main one, with its title."""
    if person.company_id != company.pk:
        return
    rest = Position.objects.select_related("company").filter(person=person, until=None).exclude(company=company)
    following = rest.order_by("pk").first()
    person.company = following.company if following else None
    person.job_title = following.title if following else ""


def _say(c: change, company: Any, side: Sides, title: str, ended: bool, removed: bool = False) -> None:
    """One event that also stands on the company's timeline; none where nothing became different."""
    touched = side.touched()
    if touched or (removed and c.old is not None and c.old.company_id == company.pk):
        c.says(ChangedPosition(company=company.name, title=title, ended=ended, removed=removed, sides=touched))
        c.about("company", company.pk)


@action("person.relate", needs="person.edit", label=_("Connect with a person"), icon="people", done=_("Connected"))
def relate(
    person: Person, *, other: Other, kind: Annotated[str, Text(60), _("What they are, like “reports to”")], by: Actor
) -> Person:
    """ "Marta reports to Oliver": read from this person."""
    if other.pk == person.pk:
        raise Invalid(__("Choose somebody else."), "other")
    with change(person, by=by) as c:
        side = Sides(Relation.objects.filter(person=c.row, other=other, kind=kind))
        _relation, made = Relation.objects.get_or_create(person=c.row, other=other, kind=kind)
        if made:
            c.says(Related(other=other.name, kind=kind, sides=side.touched()))
            c.about("person", other.pk)
    return c.row


@action("person.unrelate", needs="person.edit", label=_("Remove a connection"), icon="x", done=_("Connection removed"))
def unrelate(
    person: Person,
    *,
    other: Annotated[Any, Link("person"), _("Person"), GIVEN],
    kind: Annotated[str, Text(60), _("How they know each other"), GIVEN] = "",
    by: Actor,
) -> Person:
    """Not so any more, or never so. Without a kind: everything said from this person to the other."""
    with change(person, by=by) as c:
        rows = Relation.objects.filter(person=c.row, other=other, **({"kind": kind} if kind else {}))
        side = Sides(rows)
        gone, _kinds = rows.delete()
        if not gone:
            raise Invalid(
                __("%(person)s has no connection to %(other)s of that kind.") % {"person": c.row, "other": other},
                "other",
            )
        kinds = ", ".join(row["before"]["kind"] for row in side.touched())
        c.says(Unrelated(other=other.name, kind=kinds, sides=side.touched()))
        c.about("person", other.pk)
    return c.row
