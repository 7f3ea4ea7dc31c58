"""Saying that two rows which look alike are two, so that they are not proposed as one again."""

from __future__ import annotations

from typing import Annotated, Any

from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.contacts.events import ToldApart
from kith.contacts.models import Company, NotDuplicate, Person
from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid
from kith.kernel.kinds import Link
from kith.kernel.records.action import action
from kith.kernel.records.registry import registry
from kith.kernel.timeline.change import change
from kith.kernel.timeline.sides import Sides


@action("person.tell_apart", needs="person.edit", label=_("They are two people"), icon="people",
        done=_("Kept apart: two people"))  # fmt: skip
def tell_people_apart(
    person: Person, *, other: Annotated[Any, Link("person"), _("Not the same as")], by: Actor
) -> Person:
    """These two are not the same person."""
    return _tell_apart(person, other, by)


@action("company.tell_apart", needs="company.edit", label=_("They are two companies"), icon="company",
        done=_("Kept apart: two companies"))  # fmt: skip
def tell_companies_apart(
    company: Company, *, other: Annotated[Any, Link("company"), _("Not the same as")], by: Actor
) -> Company:
    """These two are not the same company."""
    return _tell_apart(company, other, by)


def _tell_apart(row: Any, other: Any, by: Actor) -> Any:
    if other.pk == row.pk:
        raise Invalid(__("Choose another one."), "other")
    record = registry.by_model(type(row))
    assert record is not None
    low, high = sorted((row.pk, other.pk))
    with change(row, by=by) as c:
        side = Sides(NotDuplicate.objects.filter(record=record.name, low_id=low, high_id=high))
        _pair, made = NotDuplicate.objects.get_or_create(record=record.name, low_id=low, high_id=high)
        if made:
            c.says(ToldApart(other=record.name_of(other), sides=side.touched()))
            c.about(record.name, other.pk)
    return c.row
