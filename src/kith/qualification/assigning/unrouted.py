"""Leads that nobody was found for: the rules are asked again whenever they may answer otherwise, and by hand.

A member who is back, a rule that was mended and a colleague who begins work find those who wait within minutes. Whom
somebody took meanwhile is on the list no more.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.kernel.access.actor import Actor, system
from kith.kernel.errors import Invalid
from kith.kernel.jobs import enqueue
from kith.kernel.records.action import action
from kith.kernel.records.registry import registry
from kith.kernel.timeline.change import change
from kith.qualification.assigning.deciding import BATCH, assign_many, deal_out, in_good_hands
from kith.qualification.models import Decision, Kind

MOST = 1000  # leads that one look asks the rules about


def unrouted() -> Any:
    """Decisions that found nobody, of people who still have no owner."""
    rows = Decision.objects.filter(kind=Kind.UNROUTED, stopped_at=None, archived_at=None, person__owner=None)
    return rows.filter(person__archived_at=None)


def look_again() -> tuple[int, int]:
    """Ask the rules about those who wait; returns how many were given to somebody, and how many wait on. Of more than
    `MOST` some are drawn by lot, so that those whom no rule ever fits do not hide the others."""
    elsewhere = Decision.objects.filter(
        kind=Kind.UNROUTED, stopped_at=None, archived_at=None, person__owner__isnull=False
    )
    in_good_hands(elsewhere.values_list("person", flat=True)[:MOST], timezone.now(), system())
    before = unrouted().values("person").distinct().count()
    people = unrouted().order_by("?").values_list("person", flat=True)[:MOST]
    deal_out(sorted(set(people)))
    waits = unrouted().values("person").distinct().count()
    return before - waits, waits


def ask_again(pairs: list[tuple[Any, Any]], by: Actor) -> None:
    """Rules, pools, members or absences changed: after the commit, once for however many."""
    enqueue("qualification.unrouted", key="qualification.unrouted")


def _assign_all(rows: Sequence[Any], *, by: Actor, refused: Any) -> int:
    """Many together, in turn as if they had come at once; returns how many were given to somebody."""
    record = registry["person"]
    reach = record.model._default_manager.filter(record.scope.q(by, record.name, "edit"), pk__in=[r.pk for r in rows])
    within = set(reach.values_list("pk", flat=True))
    free = []
    for row in rows:
        if row.pk not in within:
            refused(row, Invalid(__("You may not change %s.") % row))
        elif row.owner_id is not None:
            refused(row, Invalid(_owned(row)))
        else:
            free.append(row)
    given = 0
    for start in range(0, len(free), BATCH):
        batch = {row.pk: row for row in free[start : start + BATCH]}
        for decision in assign_many(batch, by=_within(by)):
            if decision.user_id is None:
                refused(batch[decision.person_id], Invalid(_nobody(decision)))
            else:
                given += 1
    return given


@action("person.assign_by_rules", needs="person.edit", label=_("Assign by the rules"), icon="person", many=_assign_all,
        applies=lambda p: p.owner_id is None, done=_("{row} is looked after now"))  # fmt: skip
def assign_by_rules(person: Any, *, by: Actor) -> Any:
    """Ask the rules who looks after them, as if they came to us now. Raises Invalid, saying why nobody was found."""
    with change(person, by=by) as c:  # in reach, and held
        if c.row.owner_id is not None:
            raise Invalid(_owned(c.row))
    [decision] = assign_many([person.pk], by=_within(by))
    if decision.user_id is None:
        raise Invalid(_nobody(decision))
    person.refresh_from_db()
    return person


def _owned(person: Any) -> str:
    return __("%(who)s looks after %(lead)s already.") % {"who": person.owner, "lead": person}


def _nobody(decision: Decision) -> str:
    return __("Nobody was found for %(lead)s: %(why)s") % {"lead": decision.person, "why": decision.why}


def _within(by: Actor) -> Actor:
    """The rules choose, so whoever asks them need not have rights on those who are chosen."""
    return system(by.channel, name=by.name).within(by.operation) if by.operation else system(by.channel, name=by.name)
