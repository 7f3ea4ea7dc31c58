"""Hand-overs between teams: offered with what must be known, then accepted or asked back with what is missing. The clock of
the giver's stage runs until it is accepted; whoever accepts looks after the customer from then on."""

from __future__ import annotations

from dataclasses import replace
from textwrap import shorten
from typing import Annotated, Any

from django.utils import timezone
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.activities.notices import notify
from kith.kernel.access.actor import Actor, system
from kith.kernel.errors import Invalid, NotAllowed
from kith.kernel.kinds import Colleague, LongText
from kith.kernel.records.action import action
from kith.kernel.records.actions import edit
from kith.kernel.records.registry import registry
from kith.kernel.timeline.change import change
from kith.kernel.timeline.sides import Sides
from kith.process.definition.shape import Stage
from kith.process.events import HandoverAccepted, HandoverOffered, HandoverReturned
from kith.process.handovers.dossier import known, read_dates, read_people
from kith.process.models import Handover, Journey
from kith.process.versions import definition_of

KIND = "handover"  # of notices
MOST_SAID = 300  # letters of what was said that a notice shows


def waiting_of(journey: Journey) -> Handover | None:
    """The hand-over that waits for an answer, if any."""
    rows = Handover.objects.filter(journey=journey, accepted_at=None, returned_at=None)
    return rows.select_related("giver", "receiver").first()


def receiving(journey: Journey) -> Stage | None:
    """The stage that comes next, if one is handed over to get there."""
    definition = definition_of(journey.process_id, journey.held_to)
    after = definition.next_of(journey.stage, journey.segment) if journey.stage in definition.by_key else None
    return after if after and after.handover else None


def _can_hand_over(journey: Journey) -> bool:
    return journey.is_running and receiving(journey) is not None


@action("journey.hand_over", needs="journey.edit", label=_("Hand over"), icon="arrow", applies=_can_hand_over,
        done=_("{row} offered"))  # fmt: skip
def hand_over(
    journey: Journey,
    *,
    to: Annotated[Any, Colleague(), _("Who looks after them from now on")],
    says: Annotated[str, LongText(4000), _("What they must know, and what was promised")],
    goals: Annotated[str, LongText(4000), _("What they want to reach, in their words")] = "",
    stakeholders: Annotated[str, LongText(4000), _("Who is who, one a line: name, colon, role")] = "",
    dates: Annotated[str, LongText(4000), _("Dates that matter, one a line: 2026-12-01 The house opens")] = "",
    risks: Annotated[str, LongText(4000), _("What could go wrong")] = "",
    by: Actor,
) -> Journey:
    """Offer a relationship to a colleague, with all that is known. It stays the giver's until they accept. What is left
    empty is filled in from the deal, its committee, answers and orders."""
    with change(journey, by=by) as c:
        if waiting_of(c.row) is not None:
            raise Invalid(__("%s is offered already; wait for the answer, or ask for it.") % c.row.name)
        stage = receiving(c.row)
        if stage is None:
            raise Invalid(__("From here nothing is handed over."))
        found = known(by, c.row)
        side = Sides(Handover.objects.filter(journey=c.row))
        made = Handover.objects.create(
            journey=c.row, stage=stage.key, giver_id=by.user_id, receiver=to, team_id=c.row.team_id, says=says, due_at=c.row.due_at,
            goals=goals or found.goals, risks=risks or found.risks,
            stakeholders=read_people(by, c.row, stakeholders) if stakeholders else found.people,
            dates=read_dates(dates) if dates else found.dates,
        )  # fmt: skip
        c.says(HandoverOffered(str(to), stage.key, sides=side.touched()))
        _tell(to, made, _("%(who)s offers you %(name)s: %(words)s"), says, by)
    return c.row


def _tell(whom: Any, handover: Handover, said: Any, words: str, by: Actor) -> None:
    """A line in the inbox of the one whose turn it is, and by mail as they chose; nobody is told what they do themselves."""
    if whom is None or whom.pk == by.user_id:
        return
    text = str(said) % {
        "who": by.name or __("Somebody"),
        "name": handover.journey.name,
        "words": shorten(words, MOST_SAID, placeholder="…"),
    }
    state = "back" if handover.returned_at else "offered"
    notify(
        [whom], text, kind=KIND, key=f"handover.{state}:{handover.pk}", by=by, about=("journey", handover.journey_id)
    )


def _answers(journey: Journey, by: Actor) -> Handover:
    found = waiting_of(journey)
    if found is None:
        raise Invalid(__("Nothing waits to be accepted for %s.") % journey.name)
    if by.user_id not in (found.receiver_id, None) and not (by.can("settings.manage") or by.role == "manager"):
        raise NotAllowed(__("This was offered to %s, who accepts it or asks back.") % found.receiver)
    return found


def _waits(journey: Journey) -> bool:
    return journey.is_running and waiting_of(journey) is not None


@action("journey.accept_handover", needs="journey.edit", label=_("Accept the handover"), icon="check", applies=_waits,
        done=_("{row} is yours"))  # fmt: skip
def accept(journey: Journey, *, by: Actor) -> Journey:
    """Take the relationship on: it moves to the next stage, and its customer is the receiver's from now on."""
    with change(journey, by=by) as c:
        found = _answers(c.row, by)
        side = Sides(Handover.objects.filter(journey=c.row))
        found.accepted_at = timezone.now()
        found.save(update_fields=["accepted_at"])
        c.says(HandoverAccepted(found.stage, found.receiver_id, sides=side.touched()))
    record = registry["company" if journey.company_id else "person"]
    customer = c.row.customer
    if found.receiver_id and customer.owner_id != found.receiver_id:
        own = system(by.channel, cause=by.cause)
        edit(record, customer, {"owner": found.receiver}, by=replace(own, operation=by.operation))
    return Journey.objects.get(pk=journey.pk)


@action("journey.return_handover", needs="journey.edit", label=_("Ask back"), icon="undo", applies=_waits,
        done=_("{row} went back"))  # fmt: skip
def give_back(journey: Journey, *, missing: Annotated[str, LongText(4000), _("What is missing")], by: Actor) -> Journey:
    """Not yet: the giver adds what is missing and offers it again."""
    with change(journey, by=by) as c:
        found = _answers(c.row, by)
        side = Sides(Handover.objects.filter(journey=c.row))
        found.returned_at, found.missing = timezone.now(), missing
        found.save(update_fields=["returned_at", "missing"])
        c.says(HandoverReturned(missing, found.stage, sides=side.touched()))
        _tell(found.giver, found, _("%(who)s asks back about %(name)s: %(words)s"), missing, by)
    return c.row
