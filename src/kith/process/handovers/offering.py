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
from kith.kernel.accounts.models import User
from kith.kernel.errors import Invalid, NotAllowed
from kith.kernel.kinds import Colleague, LongText
from kith.kernel.records.action import action
from kith.kernel.records.actions import edit
from kith.kernel.records.registry import registry
from kith.kernel.timeline.change import change
from kith.kernel.timeline.sides import Sides
from kith.process.definition.shape import Stage
from kith.process.events import HandoverAccepted, HandoverOffered, HandoverReturned, HandoverWithdrawn
from kith.process.handovers.dossier import known, read_dates, read_people
from kith.process.models import OPEN, UNANSWERED, Handover, Journey
from kith.process.versions import definition_of

KIND = "handover"  # of notices
MOST_SAID = 300  # letters of what was said that a notice shows


def waiting_of(journey: Journey) -> Handover | None:
    """The hand-over that waits for an answer, if any."""
    rows = Handover.objects.filter(UNANSWERED, journey=journey)
    return rows.select_related("giver", "receiver", "team").first()


def receiving(journey: Journey, asked: Handover | None = None) -> Stage | None:
    """The stage that comes next, if one is handed over to get there; the one that its team is asked for goes before."""
    definition = definition_of(journey.process_id, journey.held_to)
    if asked is not None and asked.stage in definition.by_key:
        return definition.by_key[asked.stage]
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
    empty is filled in from the deal, its committee, answers and orders. What was offered to another colleague, who has not
    answered, is theirs no more."""
    with change(journey, by=by) as c:
        asked = waiting_of(c.row)
        earlier = asked if asked is not None and asked.receiver_id is not None else None
        if earlier is not None and earlier.receiver_id == to.pk:
            raise Invalid(__("%s is offered already; wait for the answer, or ask for it.") % c.row.name)
        stage = receiving(c.row, asked)
        if stage is None:
            raise Invalid(__("From here nothing is handed over."))
        found = known(by, c.row)
        side = Sides(Handover.objects.filter(journey=c.row))
        # The team may have been asked by itself; from now on it is somebody's turn.
        Handover.objects.filter(OPEN, journey=c.row, receiver=None).delete()
        if earlier is not None:
            c.says(_taken_back(earlier, by))
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


@action("journey.withdraw_handover", needs="journey.edit", label=_("Take the offer back"), icon="undo",
        applies=lambda j: j.is_running and is_addressed(waiting_of(j)), whose=lambda j, by: may_take_back(waiting_of(j), by),
        done=_("{row} is offered to nobody now"))  # fmt: skip
def take_back(journey: Journey, *, by: Actor) -> Journey:
    """What was offered to a colleague who has not answered stays with its giver."""
    with change(journey, by=by) as c:
        found = waiting_of(c.row)
        if found is None or not is_addressed(found):
            raise Invalid(__("%s is offered to nobody.") % c.row.name)
        c.says(_taken_back(found, by))
    return c.row


def _taken_back(offered: Handover, by: Actor) -> HandoverWithdrawn:
    """The offer waits no more; what is to be said of it. Raises NotAllowed."""
    if not may_take_back(offered, by):
        said = {"whom": offered.receiver, "giver": offered.giver or __("somebody")}
        raise NotAllowed(__("This is offered to %(whom)s; only %(giver)s, who offered it, takes it back.") % said)
    side = Sides(Handover.objects.filter(pk=offered.pk))
    offered.withdrawn_at = timezone.now()
    offered.save(update_fields=["withdrawn_at"])
    _tell(offered.receiver, offered, _("%(name)s is offered to you no more; %(who)s took it back."), "", by)
    return HandoverWithdrawn(str(offered.receiver), offered.stage, sides=side.touched())


def is_addressed(offered: Handover | None) -> bool:
    """Was it offered to one colleague, not to a team?"""
    return offered is not None and offered.receiver_id is not None


def manages(by: Actor) -> bool:
    return by.user_id is None or by.can("settings.manage") or by.role == "manager"


def may_take_back(offered: Handover | None, by: Actor) -> bool:
    """Whoever offered it to a colleague; and those who manage."""
    return offered is not None and is_addressed(offered) and (offered.giver_id == by.user_id or manages(by))


def _tell(whom: Any, handover: Handover, said: Any, words: str, by: Actor) -> None:
    """A line in the inbox of the one whose turn it is, and by mail as they chose; nobody is told what they do themselves."""
    if whom is None or whom.pk == by.user_id:
        return
    text = str(said) % {
        "who": by.name or __("Somebody"),
        "name": handover.journey.name,
        "words": shorten(words, MOST_SAID, placeholder="…"),
    }
    state = "withdrawn" if handover.withdrawn_at else "back" if handover.returned_at else "offered"
    notify(
        [whom], text, kind=KIND, key=f"handover.{state}:{handover.pk}", by=by, about=("journey", handover.journey_id)
    )


def _answers(journey: Journey, by: Actor) -> Handover:
    found = waiting_of(journey)
    if found is None:
        raise Invalid(__("Nothing waits to be accepted for %s.") % journey.name)
    if not may_answer(found, by):
        raise NotAllowed(
            __("This was offered to %s, who accepts it or asks back.") % whom_of(found.receiver, found.team)
        )
    return found


def whom_of(receiver: Any, team: Any) -> str:
    """Whose answer it waits for, in words."""
    return str(receiver) if receiver else __("the team %s") % team if team else __("somebody who takes it over")


def may_answer(offered: Any, by: Actor) -> bool:
    """The one it was offered to, or anybody of the team that was asked; and those who manage."""
    if offered is None:
        return False
    if manages(by):
        return True
    if offered.receiver_id is not None:
        return offered.receiver_id == by.user_id
    return offered.team_id is None or offered.team_id in by.team_ids


def _waits(journey: Journey) -> bool:
    return journey.is_running and waiting_of(journey) is not None


def _theirs(journey: Journey, by: Actor) -> bool:
    return may_answer(waiting_of(journey), by)


@action("journey.accept_handover", needs="journey.edit", label=_("Accept the handover"), icon="check", applies=_waits, whose=_theirs,
        done=_("{row} is yours"))  # fmt: skip
def accept(journey: Journey, *, by: Actor) -> Journey:
    """Take the relationship on: it moves to the next stage, and its customer is the receiver's from now on."""
    with change(journey, by=by) as c:
        found = _answers(c.row, by)
        side = Sides(Handover.objects.filter(journey=c.row))
        found.accepted_at = timezone.now()
        found.receiver_id = found.receiver_id or by.user_id  # whoever of the team was first
        found.save(update_fields=["accepted_at", "receiver"])
        c.says(HandoverAccepted(found.stage, found.receiver_id, sides=side.touched()))
    record = registry["company" if journey.company_id else "person"]
    customer = c.row.customer
    if found.receiver_id and customer.owner_id != found.receiver_id:
        own = system(by.channel, cause=by.cause)
        receiver = found.receiver or User.objects.get(pk=found.receiver_id)
        edit(record, customer, {"owner": receiver}, by=replace(own, operation=by.operation))
    return Journey.objects.get(pk=journey.pk)


@action("journey.return_handover", needs="journey.edit", label=_("Ask back"), icon="undo", applies=_waits, whose=_theirs,
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
