"""Verbs of people and companies: positions, relations, telling two rows apart; the rule that positions follow.

Creating and editing are the generic verbs; what is special here is that a person's main company is also a position.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.contacts.events import ChangedPosition, Related, ToldApart, Unrelated
from kith.contacts.models import NotDuplicate, Person, Position, Relation
from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid
from kith.kernel.kinds import Day, Link, Text
from kith.kernel.records.action import action
from kith.kernel.timeline.change import change

COMPANY, PERSON = Link("company"), Link("person")


@action("person.add_position", needs="person.edit", label=_("Add a role in a company"), icon="company")
def add_position(
    person: Person,
    *,
    company: Annotated[Any, COMPANY, _("Company")],
    title: Annotated[str, Text(200), _("Role")] = "",
    since: Annotated[dt.date | None, Day(), _("Since")] = None,
    until: Annotated[dt.date | None, Day(), _("Until")] = None,
    by: Actor,
) -> Person:
    """A person works (or worked) at a company too. The first one becomes the main company."""
    if since and until and until < since:
        raise Invalid(__("“Until” is before “since”."), "until")
    with change(person, by=by) as c:
        position, _made = Position.objects.get_or_create(person=c.row, company=company)
        position.title, position.since, position.until = title, since, until
        position.save()
        if c.row.company_id is None and until is None:
            c.row.company, c.row.job_title = company, title or c.row.job_title
        c.says(ChangedPosition(company=company.name, title=title, ended=until is not None))
        c.about("company", company.pk)
    return c.row


@action("person.end_position", needs="person.edit", label=_("End a role in a company"), icon="company")
def end_position(
    person: Person,
    *,
    company: Annotated[Any, COMPANY, _("Company")],
    until: Annotated[dt.date | None, Day(), _("Until")] = None,
    by: Actor,
) -> Person:
    """They left; the position stays in the story with its end."""
    with change(person, by=by) as c:
        position = Position.objects.filter(person=c.row, company=company).first()
        if position is None:
            raise Invalid(
                __("%(person)s has no role at %(company)s.") % {"person": c.row, "company": company}, "company"
            )
        position.until = until or timezone.localdate()
        position.save(update_fields=["until"])
        if c.row.company_id == company.pk:
            rest = Position.objects.filter(person=c.row, until__isnull=True).exclude(company=company).first()
            c.row.company = rest.company if rest else None
        c.says(ChangedPosition(company=company.name, title=position.title, ended=True))
        c.about("company", company.pk)
    return c.row


@action("person.relate", needs="person.edit", label=_("Connect with a person"), icon="people")
def relate(
    person: Person,
    *,
    other: Annotated[Any, PERSON, _("Person")],
    kind: Annotated[str, Text(60), _("How they know each other")],
    by: Actor,
) -> Person:
    """ "Marta reports to Oliver": read from this person."""
    if other.pk == person.pk:
        raise Invalid(__("Choose somebody else."), "other")
    with change(person, by=by) as c:
        _relation, made = Relation.objects.get_or_create(person=c.row, other=other, kind=kind)
        if made:
            c.says(Related(other=other.name, kind=kind))
            c.about("person", other.pk)
    return c.row


@action("person.unrelate", needs="person.edit", label=_("Remove a connection"), icon="x")
def unrelate(person: Person, *, other: Annotated[Any, PERSON, _("Person")], by: Actor) -> Person:
    with change(person, by=by) as c:
        gone, _kinds = Relation.objects.filter(person=c.row, other=other).delete()
        if gone:
            c.says(Unrelated(other=other.name))
            c.about("person", other.pk)
    return c.row


def tell_apart(record: Any, row: Any, other: Any, *, by: Actor) -> None:
    """These two are not the same; do not propose them again."""
    low, high = sorted((row.pk, other.pk))
    with transaction.atomic(), change(row, by=by) as c:
        NotDuplicate.objects.get_or_create(record=record.name, low_id=low, high_id=high)
        c.says(ToldApart(other=record.name_of(other)))
        c.about(record.name, other.pk)
