"""Looking somebody up again because a colleague asks for it."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.contacts.enrichment.applying import look_up
from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid
from kith.kernel.records.action import action


@action(
    "person.look_up",
    needs="person.edit",
    label=_("Look up again"),
    icon="search",
    many=True,
    done=_("{row} is looked up"),
)
def look_up_person(person: Any, *, by: Actor) -> Any:
    """Company, name, country, clock and language, as far as addresses and numbers tell. Raises Invalid where nothing is
    found that is not known."""
    return _again("person", person, by)


@action(
    "company.look_up",
    needs="company.edit",
    label=_("Look up again"),
    icon="search",
    many=True,
    done=_("{row} is looked up"),
)
def look_up_company(company: Any, *, by: Actor) -> Any:
    """Domain and country, as far as addresses and numbers tell."""
    return _again("company", company, by)


def _again(record: str, row: Any, by: Actor) -> Any:
    if not look_up(record, [row.pk], by=by, again=True):
        raise Invalid(__("Nothing new was found about %s.") % row)
    return type(row)._default_manager.get(pk=row.pk)
