"""The goal of a sequence: a filter on the person, asked of one person as the conditions of branches are."""

from __future__ import annotations

from django.utils.translation import gettext as _

from kith.engagement.definition import Definition
from kith.engagement.models import Enrolment
from kith.engagement.queries import definition_of
from kith.kernel.access.actor import Actor, actor_for
from kith.kernel.errors import Invalid
from kith.kernel.lookups.compile import filtered
from kith.kernel.lookups.tree import parse
from kith.kernel.records.registry import registry


def meets(text: str, person_id: int, by: Actor) -> bool:
    """Whether this person meets the filter now, as far as `by` sees them. Raises Invalid for one that cannot be asked."""
    record = registry["person"]
    return bool(filtered(record, parse(text), by, record.rows(by).filter(pk=person_id)).exists())


def reached(definition: Definition, person_id: int, by: Actor) -> bool:
    """One query where there is a goal, none where there is not."""
    return bool(definition.goal) and meets(definition.goal, person_id, by)


def why_reached(row: Enrolment) -> str:
    """Why it ended, in words; not what they meet, which not every reader may see."""
    return _("They reached the goal.") if row.at_step else _("They reached the goal before the first step.")


def reached_by_event(row: Enrolment) -> str:
    """Why it ended, where what just happened brought its goal about; "" where it did not or where that cannot be told."""
    if row.owner is None:
        return ""
    by = actor_for(row.owner, "automation")
    try:
        definition = definition_of(row.sequence_id, row.version_number)
        return why_reached(row) if reached(definition, row.person_id, by) else ""
    except Invalid:  # a filter that cannot be asked any more; the engine says so where it is asked at a step
        return ""
