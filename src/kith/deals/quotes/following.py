"""Drafts follow their deal: when its products, price or currency change, so do the quotes that were not sent yet, in the same
transaction. And a mail that carries a quote gets its document attached as it leaves."""

from __future__ import annotations

import dataclasses
from typing import Any

from kith.deals.quotes.document import PDF, kept
from kith.deals.quotes.models import Quote, State
from kith.kernel.access.actor import Actor, system
from kith.kernel.errors import Invalid
from kith.kernel.timeline.change import change
from kith.kernel.timeline.types import Archived
from kith.kernel.timeline.write import Entry

CHANGES = {"amount", "currency", "product", "price_list"}


def handles(verb: str) -> bool:
    return verb in ("deal.lines_changed", "deal.changed")


def hear(entries: list[Entry], by: Actor) -> None:
    """Bring drafts of these deals in step."""
    deals = {
        e.record_id for e in entries if e.says.verb_for(e.record) == "deal.lines_changed" or CHANGES & set(e.changes)
    }
    if not deals:
        return
    from kith.deals.quotes.actions import follow_deal

    actor = dataclasses.replace(system(by.channel, cause=entries[0].id), operation=by.operation)
    for quote in Quote.objects.filter(deal__in=deals, state=State.DRAFT, archived_at=None).select_related("deal"):
        try:
            follow_deal(quote, by=actor)
        except Invalid:  # the deal has nothing to offer any more: neither has its draft
            with change(quote, by=actor) as c:
                c.row.archived_at = c.row.updated_at
                c.says(Archived())


def dress(message: int, mail: Any) -> None:
    """Attach the document to the mail of a quote."""
    quote = Quote.objects.filter(message=message).first()
    if quote is not None:
        mail.attach(f"{quote.number}.pdf", kept(quote), PDF)
