"""Parts of pages: the quotes of a deal; of a quote, what it offers, whether it may go out, and its versions."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.translation import gettext_lazy as _

from kith.deals.models import Deal, Status
from kith.deals.quotes.limits import limit_of, may_approve, may_offer
from kith.deals.quotes.lines import in_step, margin
from kith.deals.quotes.links import link_of
from kith.deals.quotes.models import Quote, State
from kith.kernel.access.actor import Actor
from kith.kernel.records.registry import registry
from kith.ui.panels import Panel


def quotes(actor: Actor, deal: Deal) -> dict[str, Any] | None:
    """The versions of a deal's quote, newest first, and whether the deal still costs what was sent."""
    rows = registry["quote"].rows(actor, archived=False).filter(deal=deal)
    found = list(rows.prefetch_related("lines").order_by("-edition"))
    able = actor.can("quote.create") and deal.status == Status.OPEN
    if not (found or able):
        return None
    sent = next((q for q in found if q.state in (State.SENT, State.ACCEPTED)), None)
    differs = sent is not None and not in_step(sent, deal)
    return {"quotes": found, "count": len(found) or None, "able": able, "differs": differs, "sent": sent}


def offer(actor: Actor, quote: Quote) -> dict[str, Any]:
    """What the customer reads."""
    promised = [
        (one["wording"], dt.date.fromisoformat(one["due"]) if one.get("due") else None) for one in quote.promises
    ]
    return {"lines": list(quote.lines.all()), "quote": quote, "promised": promised, "count": None}


def approval(actor: Actor, quote: Quote) -> dict[str, Any] | None:
    """The discount, the reader's own limit, and what is left of the price for whoever may approve it; None where nothing is
    off."""
    if not quote.discount:
        return None
    judges = may_approve(actor, quote)
    shown = judges and actor.role in ("manager", "administrator")
    return {
        "quote": quote, "allowed": may_offer(actor, quote), "limit": limit_of(actor), "judges": judges,
        "margin": margin(quote) if shown else None, "draft": quote.state == State.DRAFT,
    }  # fmt: skip


def versions(actor: Actor, quote: Quote) -> dict[str, Any]:
    """The document, how it can be answered, and the other versions with what is different."""
    rows = registry["quote"].rows(actor, archived=False).filter(deal=quote.deal_id).exclude(pk=quote.pk)
    link = link_of(quote) if quote.waits and actor.can("quote.edit") else ""
    return {"quote": quote, "others": list(rows.order_by("-edition")), "link": link}


QUOTES = Panel(
    "quotes", _("Quotes"), "quotes/panel_quotes.html", quotes, depends_on=("quote",), place="next", order=25, lazy=True,
    verbs=("draft_quote",), covers=("quote",),
)  # fmt: skip
OFFER = Panel(
    "offer", _("What is offered"), "quotes/panel_offer.html", offer, place="main", order=10, verbs=("remove_promise", "add_promise"),
)  # fmt: skip
APPROVAL = Panel(
    "approval",
    _("Discount"),
    "quotes/panel_approval.html",
    approval,
    order=10,
    verbs=("approve", "refuse", "ask_approval"),
)
VERSIONS = Panel(
    "versions", _("Document and versions"), "quotes/panel_versions.html", versions, depends_on=("quote",), order=20
)
