"""Parts of the pages of people and companies: roles, connections, and who works where."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kith.contacts import queries
from kith.contacts.models import Company, Person
from kith.kernel.access.actor import Actor
from kith.ui.panels import Panel

VERBS = ("add_position", "change_position", "end_position", "remove_position", "relate", "unrelate")


def connections(actor: Actor, person: Person) -> dict[str, Any] | None:
    """Roles and connections; None for somebody without any to a reader who could not add one."""
    roles, ties = queries.roles_and_ties_of(actor, person)
    if not (roles or ties or actor.can("person.edit")):
        return None
    return {"roles": roles, "ties": ties, "short": person.given_name or person.name, "today": timezone.localdate()}


def people(actor: Actor, company: Company) -> dict[str, Any] | None:
    """Who works or worked here; None where there is nobody and nobody could be added."""
    roles = queries.people_of(actor, company, queries.SHOWN + 1)
    more = len(roles) > queries.SHOWN
    able = actor.can("person.edit")
    if not (roles or able):
        return None
    return {"roles": roles[: queries.SHOWN], "more": more, "count": None if more else len(roles) or None, "able": able}


CONNECTIONS = Panel(
    "connections", _("Roles and connections"), "contacts/panel_connections.html", connections,
    depends_on=("person", "company"), place="related", order=60, verbs=VERBS,
)  # fmt: skip
PEOPLE = Panel(
    "people", _("People"), "contacts/panel_people.html", people, depends_on=("person",), place="related", order=60,
    verbs=("add_person",), covers=("person",),
)  # fmt: skip
