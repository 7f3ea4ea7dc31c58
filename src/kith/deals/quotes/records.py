"""Quotes as records: versions of what a deal offers."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kith.deals.quotes import actions as do
from kith.deals.quotes import events
from kith.deals.quotes.kinds import PromiseLines
from kith.deals.quotes.models import Quote
from kith.deals.quotes.panels import APPROVAL, OFFER, VERSIONS
from kith.deals.quotes.parts import LINES
from kith.kernel.access.actor import Customer
from kith.kernel.access.scopes import NONE, Theirs, by_owner
from kith.kernel.kinds import Choice, Currency, Integer, Money, Percent
from kith.kernel.records.columns import FACES, Facts
from kith.kernel.records.record import Record, Section, View
from kith.kernel.records.registry import registry

HIDDEN = Facts(faces=frozenset())
TOLD = frozenset({"list", "filter", "export", "api", "history"})
QUIET = TOLD - {"history"}  # its event says it, or nobody reads it there


@dataclass(frozen=True)
class ToThem(Theirs):
    """Quotes made to them that wait for their answer or that they accepted. Only their own, whatever else a company shares, since
    who opens one can accept it."""

    def q(self, customer: Customer) -> Q:
        deals = registry["deal"].model._default_manager.filter(contact=customer.person).values("pk")
        made = Q(deal__in=deals) | (Q(sent_to__iexact=customer.address) if customer.address else NONE)
        return made & Q(state__in=("sent", "accepted"))


class QuoteRecord(Record):
    name, slug, icon, placed, help = "quote", "quotes", "quote", False, "quotes"
    drawer = "selling"
    model, scope, title = Quote, by_owner(), "number"
    customers = ToThem()
    lists, sort = ("number", "deal", "state", "total", "discount", "valid_until", "sent_at", "owner"), "-updated_at"
    quick = ("deal", "language", "valid_until")
    line = ("deal", "state", "total", "valid_until", "sent_to")
    form = (Section(_("Quote"), "deal language valid_until note terms"), Section(_("Looked after by"), "owner team"))
    at_creation = ("deal",)
    calendar, match = "valid_until", ("number",)
    views = (
        View("waiting", _("Waiting for an answer"), "state.is:sent", "valid_until"),
        View("approval", _("To approve"), "approval.is:asked", "-discount"),
        View("accepted", _("Accepted"), "state.is:accepted", "-answered_at"),
    )
    panels, parts = (OFFER, APPROVAL, VERSIONS), (LINES,)
    actions = (
        do.add_promise, do.remove_promise, do.ask_approval, do.approve, do.refuse, do.send, do.revise, do.withdraw, do.accept,
        do.decline,
    )  # fmt: skip
    events = (
        events.QuoteDrafted, events.QuoteFollowed, events.PromisesWritten, events.ApprovalAsked, events.ApprovalGiven,
        events.ApprovalRefused, events.QuoteSent, events.QuoteOpened, events.QuoteReplaced, events.QuoteWithdrawn,
        events.QuoteAccepted, events.QuoteDeclined,
    )  # fmt: skip
    fields = {
        "number": Facts(only_via="quote.revise"),
        "deal": Facts(only_via="quote.revise", sort="deal__name"),
        "edition": Facts(kind=Integer(), only_via="quote.revise"),
        "state": Facts(only_via="quote.send"),
        "language": Facts(kind=Choice(do._languages)),
        "currency": Facts(kind=Currency(), only_via="quote.revise", faces=TOLD),
        "promises": Facts(kind=PromiseLines(), only_via="quote.add_promise", faces=frozenset({"history", "api"})),
        "total": Facts(kind=Money(), only_via="quote.revise", measure="sum"),
        "discount": Facts(kind=Percent(), only_via="quote.revise"),
        "approval": Facts(only_via="quote.ask_approval"),
        "approval_by": Facts(only_via="quote.approve"),
        "approval_reason": Facts(only_via="quote.ask_approval"),
        "sent_at": Facts(only_via="quote.send"),
        "sent_to": Facts(only_via="quote.send", personal="reaching the person"),
        "opened_at": Facts(only_via="quote.send"),
        "answered_at": Facts(only_via="quote.accept"),
        "answered_by": Facts(only_via="quote.accept", personal="proof of who accepted"),
        "answered_from": Facts(only_via="quote.accept", personal="proof of who accepted", faces=TOLD),
        "answered_with": HIDDEN,
        "answer_words": Facts(only_via="quote.accept", personal="what a customer said about the decision"),
        "document": HIDDEN,
        "digest": Facts(only_via="quote.send", faces=QUIET),
        "message": HIDDEN,
        "secret": HIDDEN,
        "note": Facts(faces=FACES - {"bulk"}),
        "terms": Facts(faces=FACES - {"bulk"}),
    }
    create = staticmethod(do.create)
    fixed = staticmethod(do.why_fixed)


registry.lend_actions("deal", do.draft_quote)
