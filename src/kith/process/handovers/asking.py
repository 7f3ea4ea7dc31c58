"""Asking for a hand-over where nobody was there to offer one: something that happened, a day that came, or a workflow leads to
a stage of another team. The relationship stays with its giver, whose clock runs, until one of that team accepts."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from kith.activities.notices import Telling, notify_many
from kith.kernel.access.actor import Actor, system
from kith.kernel.accounts.models import Team, User
from kith.kernel.accounts.queries import managers
from kith.kernel.timeline.change import change_many
from kith.kernel.timeline.sides import made_sides
from kith.kernel.timeline.write import Entry
from kith.process.definition.shape import Stage
from kith.process.events import HandoverOffered
from kith.process.gates import taken_over
from kith.process.models import OPEN, RUNNING, UNANSWERED, Handover, Journey
from kith.process.versions import definition_of, in_use

HELD, KIND = "journey.held", "handover"


def handles(verb: str) -> bool:
    """Does this hold somebody who may have to be handed over?"""
    return verb == HELD and any(s.handover for one in in_use().values() for s in one.definition.stages)


def hear(entries: list[Entry], by: Actor) -> None:
    """Ask the team of the stage they wait for, unless somebody is asked already."""
    journeys = _unasked([entry.record_id for entry in entries])
    if journeys:
        _ask(journeys, dataclasses.replace(system(cause=entries[0].id), operation=by.operation))


def _unasked(ids: Sequence[int]) -> dict[int, tuple[Journey, Stage]]:
    asked = Handover.objects.filter(UNANSWERED, journey__in=ids).values("journey")
    rows = Journey.objects.filter(RUNNING, pk__in=ids).exclude(pk__in=asked).exclude(wanted="").order_by("pk")
    waits: dict[int, tuple[Journey, Stage]] = {}
    by_stage: dict[tuple[int, int, str], list[Journey]] = {}
    for journey in rows:
        by_stage.setdefault((journey.process_id, journey.held_to, journey.wanted), []).append(journey)
    for (process, number, key), some in by_stage.items():
        stage = definition_of(process, number).by_key.get(key)
        if stage is not None and stage.handover:
            accepted = taken_over(stage, some)
            waits |= {j.pk: (j, stage) for j in some if j.pk not in accepted}
    return waits


def _ask(journeys: dict[int, tuple[Journey, Stage]], by: Actor) -> None:
    """One offer each, from whoever looks after them to the team; as many statements for one as for thousands."""
    names = {pk: stage.owned_by(journey.segment) for pk, (journey, stage) in journeys.items()}
    by_name = {t.name: t for t in Team.objects.filter(name__in=set(names.values()) - {""}).prefetch_related("members")}
    teams = {pk: by_name.get(name) for pk, name in names.items()}
    Handover.objects.filter(OPEN, journey__in=list(journeys)).delete()  # asked for another stage
    offers = Handover.objects.bulk_create(
        Handover(journey=j, stage=stage.key, giver_id=j.owner_id, team=teams[pk], due_at=j.due_at)
        for pk, (j, stage) in journeys.items()
    )
    made = {offer.journey_id: offer for offer in offers}

    def apply(row: Any) -> list[HandoverOffered]:
        _journey, stage = journeys[row.pk]
        to = _("the team %s") % names[row.pk] if teams[row.pk] else _("whoever looks after %s") % stage.name
        return [HandoverOffered(to, stage.key, sides=made_sides([made[row.pk]]))]

    change_many([journey for journey, _stage in journeys.values()], apply, by=by)
    others = list(managers()) if None in teams.values() else []
    notify_many([_telling(made[pk], *pair, teams[pk], others) for pk, pair in journeys.items()], kind=KIND, by=by)


def _telling(offer: Handover, journey: Journey, stage: Stage, team: Team | None, others: list[User]) -> Telling:
    words = _("%(name)s is to be taken over into %(stage)s: accept it, or ask back.")
    whom = [user for user in team.members.all() if user.is_active] if team else others
    said = words % {"name": journey.name, "stage": stage.name}
    return Telling(whom, said, f"handover.offered:{offer.pk}", ("journey", journey.pk))
