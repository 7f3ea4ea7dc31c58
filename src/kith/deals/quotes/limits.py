"""How much of a discount somebody may offer, and who may approve more."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from kith.deals.quotes.models import Approval, Limit, Quote, State
from kith.kernel.access.actor import Actor, actor_for
from kith.kernel.accounts.models import User
from kith.kernel.organisation.models import cached
from kith.kernel.records.registry import registry

ALL = Decimal(100)
USUAL = {"member": Decimal(10), "manager": Decimal(25), "administrator": ALL}  # until the organisation says otherwise


def limits() -> dict[str, Decimal]:
    """{role: percent}; a role that is not named may offer none."""
    found: dict[str, Decimal] = cached(
        "discount_limits", lambda: {**USUAL, **dict(Limit.objects.values_list("role", "percent"))}
    )
    return found


def limit_of(actor: Actor) -> Decimal:
    return ALL if actor.is_system else limits().get(actor.role, Decimal(0))


def may_offer(actor: Actor, quote: Quote) -> bool:
    return quote.discount <= limit_of(actor)


def may_approve(actor: Actor, quote: Quote) -> bool:
    """Somebody who could offer it themselves."""
    return actor.can("quote.edit") and may_offer(actor, quote)


def to_approve(actor: Actor) -> Any:
    """The drafts for which somebody asks and whose discount the actor may approve; None for those who never may, since
    nobody may offer less than they do."""
    own = limit_of(actor)
    if not actor.can("quote.edit") or own <= min(limits().values()):
        return None
    rows = registry["quote"].rows(actor, archived=False)
    return rows.filter(state=State.DRAFT, approval=Approval.ASKED, discount__lte=own)


def approvers(quote: Quote) -> list[User]:
    """Colleagues who may approve it: those of the lowest roles that suffice come first to mind, so all of them are asked."""
    enough = [role for role, percent in limits().items() if percent >= quote.discount]
    users = User.objects.filter(is_active=True, role__in=enough).order_by("pk")
    return [user for user in users if may_approve(actor_for(user), quote)]
