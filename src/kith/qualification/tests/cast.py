"""Leads of Tidewell and the rules that give them to somebody, made on demand."""

from __future__ import annotations

from typing import Any

from kith.contacts.events import Captured
from kith.kernel.access.actor import Actor, system
from kith.kernel.jobs.inline import run_waiting_jobs
from kith.kernel.organisation.models import refresh
from kith.kernel.records import actions
from kith.kernel.records.registry import registry
from kith.kernel.timeline.change import change
from kith.qualification.models import Decision
from tests.cast import user

NAMES = ("qualification.assign",)


def make(record: str, **values: Any) -> Any:
    refresh()  # another test may have ended with another configuration
    return actions.create(registry[record], values, by=system("cli"))


def person(name: str = "Marta Kowalczyk", **values: Any) -> Any:
    given, _space, family = name.partition(" ")
    return make("person", given_name=given, family_name=family, **values)


def captured(row: Any, by: Actor | None = None, through: str = "form", source: str = "") -> Any:
    """Somebody came to us; the jobs that follow have run."""
    with change(row, by=by or system()) as c:
        c.says(Captured(through, source))
    run_waiting_jobs(names=list(NAMES))
    row.refresh_from_db()
    return row


def pool(*members: str, name: str = "Inbound", **shares: int) -> Any:
    made = make("pool", name=name)
    for who in members:
        make("pool_member", pool=made, user=user(who), share=shares.get(who, 1))
    return made


def rule(name: str = "Everybody", **values: Any) -> Any:
    return make("assignment_rule", name=name, **values)


def chain(row: Any) -> list[tuple[str, str]]:
    """What was decided about a person, oldest first: (kind, whom)."""
    told = Decision.objects.filter(person=row).select_related("user").order_by("pk")
    return [(d.kind, d.user.name if d.user else "") for d in told]
