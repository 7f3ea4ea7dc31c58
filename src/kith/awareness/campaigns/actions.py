"""What people do with campaigns: note costs, invite the audience, mark who answered or came, and what follows for them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from decimal import Decimal
from typing import Annotated, Any

from django.utils import timezone
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.awareness.events import CostNoted, CostRemoved, MembersMarked, MembersRemoved
from kith.awareness.models import ANSWERED, Campaign, CostLine, Member, MemberStep, State
from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid, NotFound
from kith.kernel.kinds import Choice, Currency, Day, Integer, Link, LongText, Money, Text
from kith.kernel.money.amounts import show_money
from kith.kernel.records import actions as records
from kith.kernel.records.action import GIVEN, action
from kith.kernel.records.registry import registry
from kith.kernel.segments.queries import members as members_of_segment
from kith.kernel.segments.recognising import Recognised, recognise
from kith.kernel.timeline.change import change
from kith.kernel.timeline.sides import Sides

NEEDS = "campaign.edit"
NAMED = 5  # names that an event tells; the rest is counted
AT_ONCE = 20_000


@action("campaign.add_cost", needs=NEEDS, label=_("Note a cost…"), icon="coins", done=_("The cost is noted"))
def add_cost(
    campaign: Campaign, *, amount: Annotated[Decimal, Money(), _("Amount")],
    currency: Annotated[str, Currency(), _("Currency")] = "", day: Annotated[dt.date | None, Day(), _("Day")] = None,
    note: Annotated[str, Text(200), _("For what")] = "", by: Actor,
) -> Campaign:  # fmt: skip
    """Money spent; below zero it was given back. Without a currency it is the campaign's own."""
    with change(campaign, by=by) as c:
        side = Sides(CostLine.objects.filter(campaign=c.row))
        line = CostLine.objects.create(
            campaign=c.row,
            amount=amount,
            currency=currency or c.row.currency,
            day=day or timezone.localdate(),
            note=note,
        )
        c.says(CostNoted(_cost(line), sides=side.touched()))
    return campaign


@action("campaign.remove_cost", needs=NEEDS, label=_("Remove a cost"), icon="trash", done=_("The cost is gone"))
def remove_cost(campaign: Campaign, *, cost: Annotated[int, Integer(1), GIVEN], by: Actor) -> Campaign:
    """Take a cost line away."""
    with change(campaign, by=by) as c:
        side = Sides(CostLine.objects.filter(campaign=c.row, pk=cost))
        line = side.rows.all().first()
        if line is None:
            raise NotFound(__("This cost is gone already."))
        what = _cost(line)
        line.delete()
        c.says(CostRemoved(what, sides=side.touched()))
    return campaign


def _cost(line: CostLine) -> str:
    return f"{show_money(line.amount, line.currency, exact=True)} {line.note}".strip()


# --- members ----------------------------------------------------------------------------------------------------------


@action("campaign.invite", needs=NEEDS, label=_("Invite the audience"), icon="people", done=_("The audience is invited"),
        applies=lambda row: row.segment_id is not None)  # fmt: skip
def invite(campaign: Campaign, *, by: Actor) -> Campaign:
    """Everybody of the segment, as far as the actor sees them, who is no member yet. Raises Invalid."""
    segment = campaign.segment
    if segment is None or segment.subject != "person":
        raise Invalid(__("Choose a segment of people as the audience first."), "segment")
    known = Member.objects.filter(campaign=campaign).values("person_id")
    pks = list(members_of_segment(by, segment).exclude(pk__in=known).values_list("pk", flat=True)[: AT_ONCE + 1])
    if len(pks) > AT_ONCE:
        raise Invalid(__("More than %s are invited by the mail that goes to them, not beforehand.") % f"{AT_ONCE:,}")
    set_state(campaign, pks, State.INVITED, by=by)
    return campaign


@action("campaign.mark", needs=NEEDS, label=_("Mark who came or answered…"), icon="check", done=_("They are marked"))
def mark(
    campaign: Campaign, *, who: Annotated[str, LongText(), _("Addresses, names or ids, one a line")],
    state: Annotated[str, Choice(dict(State.choices)), _("As")],
    task: Annotated[str, Text(300), _("Follow-up for each")] = "",
    due: Annotated[dt.date | None, Day(), _("Due on")] = None, by: Actor,
) -> Campaign:  # fmt: skip
    """Mark pasted people; words that fit nobody, or several, are kept in the event and hold nobody else up."""
    mark_found(campaign, recognise(registry["person"], who.splitlines(), by), state, task=task, due=due, by=by)
    return campaign


def mark_found(
    campaign: Campaign, found: Recognised, state: str, *, task: str = "", due: dt.date | None = None, by: Actor
) -> int:
    """The same for words that were recognised already; returns how many changed. Whoever came gets the follow-up, once."""
    if not (found.rows or found.unknown or found.unsure):
        raise Invalid(__("Write at least one address or name."), "who")
    changed = set_state(campaign, found.rows.values(), state, unknown=[*found.unknown, *found.unsure], by=by)
    if task:
        _follow_up(changed, task, due, by)
    return len(changed)


def set_state(
    campaign: Campaign, pks: Iterable[int], state: str, *, by: Actor, unknown: Collection[str] = (), at: Any = None
) -> list[Any]:
    """Make these people members in this state; returns the people whose state changed. Every change is kept."""
    people, pks = registry["person"], set(pks)
    with change(campaign, by=by, at=at) as c:
        rows = {row.pk: row for row in people.rows(by).filter(pk__in=pks)}
        side = Sides(Member.objects.filter(campaign=c.row, person_id__in=list(rows)))
        steps = Sides(MemberStep.objects.filter(campaign=c.row, person_id__in=list(rows)))
        known = {m.person_id: m for m in side.rows.all()}
        new = sorted(pk for pk in rows if pk not in known or known[pk].state != state)
        now = at or timezone.now()
        _write(c.row, known, new, state, now, by)
        if new or unknown:
            names = _names(people, [rows[pk] for pk in new]) or __("nobody")
            told = (*side.touched(), *steps.touched())
            c.says(MembersMarked(c.row.name, str(State(state).label), names, ", ".join(unknown)[:2000], sides=told))
        for pk in new:
            c.about("person", pk)
    return [rows[pk] for pk in new]


def _write(campaign: Campaign, known: dict[int, Member], pks: list[int], state: str, now: Any, by: Actor) -> None:
    Member.objects.filter(pk__in=[known[pk].pk for pk in pks if pk in known]).update(state=state, since=now)
    Member.objects.bulk_create(
        Member(campaign=campaign, person_id=pk, state=state, since=now) for pk in pks if pk not in known
    )
    MemberStep.objects.bulk_create(
        MemberStep(campaign=campaign, person_id=pk, old=known[pk].state if pk in known else "", new=state, at=now, by_name=by.name)
        for pk in pks
    )  # fmt: skip


def _names(record: Any, rows: list[Any]) -> str:
    names = ", ".join(record.name_of(row) for row in rows[:NAMED])
    return __("%(names)s and %(n)d more") % {"names": names, "n": len(rows) - NAMED} if len(rows) > NAMED else names


def _follow_up(people: list[Any], task: str, due: dt.date | None, by: Actor) -> None:
    """A task about each, for whoever looks after them, else for who asked."""
    day = due or timezone.localdate() + dt.timedelta(days=2)
    moment = timezone.make_aware(dt.datetime.combine(day, dt.time(9)))
    for person in people:
        values = {"kind": "task", "subject": task, "due_at": moment, "person": person}
        if person.owner_id:
            values["owner"] = person.owner
        records.create(registry["activity"], values, by=by)


@action(
    "campaign.remove_member", needs=NEEDS, label=_("Take somebody out…"), icon="minus", done=_("Not a member any more")
)
def remove_member(
    campaign: Campaign, *, person: Annotated[Any, Link("person"), _("Who"), GIVEN], by: Actor
) -> Campaign:
    """Take somebody out of a campaign; their history there stays."""
    with change(campaign, by=by) as c:
        side = Sides(Member.objects.filter(campaign=c.row, person=person))
        if side.rows.exists():
            side.rows.all().delete()
            c.says(MembersRemoved(c.row.name, registry["person"].name_of(person), sides=side.touched()))
            c.about("person", person.pk)
    return campaign


def answered(campaign: Campaign, person: Any, *, by: Actor, at: Any = None) -> None:
    """Somebody came to us through a campaign: they responded, unless more than that is known already."""
    known = Member.objects.filter(campaign=campaign, person_id=person).values_list("state", flat=True).first()
    if known not in ANSWERED:
        set_state(campaign, [person], State.RESPONDED, by=by, at=at)
