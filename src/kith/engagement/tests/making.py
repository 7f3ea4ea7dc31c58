"""Templates, sequences and people for the tests of engagement, made through their own actions."""

from __future__ import annotations

from typing import Any

import time_machine
from django.utils import timezone

from kith.engagement import actions as do
from kith.engagement.engine import advance_due
from kith.engagement.models import Enrolment, Sequence, Template
from kith.kernel.jobs.inline import run_waiting_jobs
from kith.kernel.records import actions
from kith.kernel.records.action import perform
from kith.kernel.records.registry import registry
from tests.cast import actor, add

MONDAY = "2026-11-23 10:00:00+00:00"
TUESDAY = "2026-11-24 10:00:00+00:00"


def marta(by: Any, **more: Any) -> Any:
    return add(
        by, "person", **{"given_name": "Marta", "family_name": "Kowalska", "emails": "marta@bellevue.example"} | more
    )


def template(
    name: str = "Welcome", subject: str = 'Hello {{ person.given_name | "there" }}', body: str = "", **more: Any
) -> Template:
    body = body or 'Dear {{ person.given_name | "friend" }},\n\nshall we talk?'
    return add(actor("ines"), "template", name=name, subject=subject, body=body, **more)


def sequence(
    steps: list[dict[str, Any]], name: str = "First talk", window: str = "Mon-Sun 00:00-24:00", by: Any = None
) -> Sequence:
    """A published sequence."""
    by = by or actor("ines")
    made = actions.create(registry["sequence"], {"name": name, "draft": {"window": window, "steps": steps}}, by=by)
    return do.publish(made, by=by)


def enrol(person: Any, made: Sequence, by: Any = None) -> Enrolment:
    return perform(do.enrol, person, {"sequence": str(made.pk)}, by=by or actor("ines")).result


def work() -> int:
    """What the clock does each minute, and the mails that are queued by it."""
    done = advance_due()
    run_waiting_jobs(names=["activities.send_mail"], now=timezone.now())
    return done


def at(moment: str) -> Any:
    return time_machine.travel(moment, tick=False)


def again(row: Enrolment) -> Enrolment:
    row.refresh_from_db()
    return row
