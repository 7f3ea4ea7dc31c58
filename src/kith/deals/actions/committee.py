"""Who takes part in the decision on the buying side."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.deals.events import CommitteeChanged
from kith.deals.models import CommitteeMember, CommitteeRole, Deal
from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid, NotFound
from kith.kernel.kinds import Choice, Integer, Link
from kith.kernel.records.action import GIVEN, action
from kith.kernel.timeline.change import change
from kith.kernel.timeline.sides import Sides

Role = Annotated[str, Choice(dict(CommitteeRole.choices)), _("Role")]
Influence = Annotated[int | None, Integer(1, 5), _("Influence, 1 to 5")]
Sentiment = Annotated[int | None, Integer(1, 5), _("How they see it, 1 to 5")]


@action("deal.add_member", needs="deal.edit", label=_("Add to the buying committee"), icon="user-plus", done=_("Added"))
def add_member(
    deal: Deal,
    *,
    person: Annotated[Any, Link("person"), _("Person")],
    role: Role,
    influence: Influence = None,
    sentiment: Sentiment = None,
    by: Actor,
) -> Deal:
    """Someone who takes part in the decision, in one role; the same person may have several."""

    def add(row: Deal) -> str:
        if row.committee.filter(person=person, role=role).exists():
            raise Invalid(__("%s is in the committee in that role already.") % person, "person")
        seat = CommitteeMember.objects.create(
            deal=row, person=person, role=role, influence=influence, sentiment=sentiment
        )
        return __("added %(who)s: %(role)s") % _words(seat)

    return _rewrite(deal, add, by)


@action("deal.change_member", needs="deal.edit", label=_("Change a seat"), icon="pencil", done=_("Changed"))
def change_member(
    deal: Deal,
    *,
    member: Annotated[int, Integer(1), _("Seat"), GIVEN],
    role: Annotated[str, Choice(dict(CommitteeRole.choices)), _("Role")] = "",
    influence: Influence = None,
    sentiment: Sentiment = None,
    by: Actor,
) -> Deal:
    """Another role, influence or opinion; what is not given stays."""

    def put(row: Deal) -> str:
        seat = _seat(row, member)
        seat.role = role or seat.role
        if row.committee.filter(person=seat.person_id, role=seat.role).exclude(pk=seat.pk).exists():
            raise Invalid(__("%s is in the committee in that role already.") % seat.person, "role")
        seat.influence = influence if influence is not None else seat.influence
        seat.sentiment = sentiment if sentiment is not None else seat.sentiment
        seat.save()
        return __("changed %(who)s: %(role)s") % _words(seat)

    return _rewrite(deal, put, by)


@action("deal.remove_member", needs="deal.edit", label=_("Take out of the committee"), icon="trash", done=_("Removed"))
def remove_member(deal: Deal, *, member: Annotated[int, Integer(1), _("Seat"), GIVEN], by: Actor) -> Deal:
    """Somebody no longer takes part; their story stays."""

    def remove(row: Deal) -> str:
        seat = _seat(row, member)
        words = __("removed %(who)s: %(role)s") % _words(seat)
        seat.delete()
        return words

    return _rewrite(deal, remove, by)


def _seat(deal: Deal, pk: int) -> CommitteeMember:
    found = deal.committee.select_related("person").filter(pk=pk).first()
    if found is None:
        raise NotFound(__("They are no longer in the committee of this deal."))
    return found


def _words(seat: CommitteeMember) -> dict[str, str]:
    return {"who": str(seat.person), "role": str(seat.get_role_display()).lower()}


def _rewrite(deal: Deal, do: Callable[[Deal], str], by: Actor) -> Deal:
    with change(deal, by=by) as c:
        seats = Sides(CommitteeMember.objects.all(), {"deal_id": c.row.pk})
        what = do(c.row)
        if touched := seats.touched():
            c.says(CommitteeChanged(what, sides=touched))
            for person in {
                seat["person_id"] for side in touched for seat in (side.get("before"), side.get("after")) if seat
            }:
                c.about("person", person)
    return c.row
