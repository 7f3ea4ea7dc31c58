"""A lead becomes a deal: what exists already is linked first, the rest is made, and all of it is one operation.

Nothing is copied away from the person: every mail and call stays with them and is told on the deal through the contact. What
undo cannot move back is said before (`stays`) and after, in the conflicts of the operation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid
from kith.kernel.kinds import Link, Money, Text
from kith.kernel.records import actions
from kith.kernel.records.action import action
from kith.kernel.records.merge import merge
from kith.kernel.records.registry import registry
from kith.kernel.timeline.change import change
from kith.kernel.timeline.models import Operation
from kith.kernel.timeline.operations import operation
from kith.qualification.events import LeadConverted
from kith.qualification.models import State
from kith.qualification.outcome.deciding import write


@dataclass(frozen=True)
class Wish:
    """What a lead becomes. `company`, `deal`: existing rows to link to; `new_company`, `new_deal`: names to make them with. `same`: an
    existing person who this is; both become one, and the deal is theirs."""

    company: Any = None
    new_company: str = ""
    deal: Any = None
    new_deal: str = ""
    amount: Any = None
    same: Any = None


def convert(person: Any, wish: Wish, *, by: Actor) -> tuple[Any, Operation]:
    """Link or make company and deal; returns (deal, the operation that takes all of it back). Raises Invalid, NotAllowed."""
    if wish.deal is not None and wish.new_deal.strip():
        raise Invalid(_("Choose an open deal or name a new one, not both."), "new_deal")
    if wish.deal is None and not wish.new_deal.strip():
        raise Invalid(_("Choose an open deal, or give a new one a name."), "new_deal")
    by.require("person.edit")
    label = _("Made a deal of %s") % person
    # Taken back as a merge where it is one: what was moved goes back with all that was made.
    with operation("merge" if wish.same else "lead.convert", label, by=by, record="person") as (op, actor):
        if wish.same is not None:
            person, merged = merge(registry["person"], wish.same, [person], by=actor)
            op.data = merged.data
        company = wish.company or _company(wish, actor)
        if company is not None and person.company_id != company.pk and person.company_id is None:
            with change(person, by=actor) as c:
                c.row.company = company
            person = c.row
        deal = _linked(person, company, wish.deal, actor) if wish.deal else _made(person, company, wish, actor)
        says = LeadConverted(str(deal), wish.deal is not None)
        write(person, State.CONVERTED, says, by=actor, deal=deal, made_deal=wish.deal is None)
    return deal, op


@action("person.convert", needs="deal.create", label=lazy("Make a deal"), icon="deal")
def become_deal(
    person: Any,
    *,
    new_deal: Annotated[str, Text(300), lazy("Name of the new deal")] = "",
    deal: Annotated[Any, Link("deal"), lazy("Open deal")] = None,
    company: Annotated[Any, Link("company"), lazy("Company")] = None,
    new_company: Annotated[str, Text(300), lazy("New company")] = "",
    amount: Annotated[Any, Money(), lazy("Value")] = None,
    by: Actor,
) -> Any:
    """The same for programs, which merge people by a call of its own; people have a screen that proposes what is there
    (`pages.become`)."""
    made, _op = convert(person, Wish(company, new_company, deal, new_deal, amount), by=by)
    return made


def _company(wish: Wish, by: Actor) -> Any:
    name = wish.new_company.strip()
    return actions.create(registry["company"], {"name": name}, by=by) if name else None


def _made(person: Any, company: Any, wish: Wish, by: Actor) -> Any:
    values: dict[str, Any] = {"name": wish.new_deal.strip(), "contact": person, "source": person.source}
    values["company"] = company or person.company
    values["owner"] = person.owner
    if wish.amount is not None:
        values["amount"] = wish.amount
    known = registry["deal"].columns()
    return actions.create(
        registry["deal"], {k: v for k, v in values.items() if k in known and v not in (None, "")}, by=by
    )


def _linked(person: Any, company: Any, deal: Any, by: Actor) -> Any:
    """An open deal gets what it lacks; what it has stays."""
    lacks = {"contact": person} if deal.contact_id is None else {}
    if deal.company_id is None and (company or person.company):
        lacks["company"] = company or person.company
    return actions.edit(registry["deal"], deal, lacks, by=by) if lacks else deal


def stays() -> list[str]:
    """What taking a conversion back leaves as it is, in words."""
    return [
        _("Mail that left stays sent."),
        _("A deal or company made for it is archived with all that was noted on it since, and can be brought back."),
        _("What somebody changed meanwhile stays, and is named."),
    ]
