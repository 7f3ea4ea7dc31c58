"""A customer's answer: kept with name, moment and address, once. A yes wins the deal at the price of the quote.

Where the deal's stages still ask for something, the yes stands all the same, and the owner is told what is missing.
"""

from __future__ import annotations

import dataclasses

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from kith.activities.notices import notify
from kith.deals.actions.closing import win
from kith.deals.configuration import reasons_for
from kith.deals.models import Reason, Status
from kith.deals.quotes import events
from kith.deals.quotes.lines import bring_deal_in_step
from kith.deals.quotes.models import Quote, State
from kith.kernel.access.actor import Actor, system
from kith.kernel.errors import Invalid, KithError
from kith.kernel.kinds import Day
from kith.kernel.records import actions as generic
from kith.kernel.records.registry import registry
from kith.kernel.timeline.change import change
from kith.kernel.timeline.operations import operation

KIND = "quote"


def answer(
    quote: Quote, yes: bool, *, name: str, words: str = "", address: str = "", browser: str = "", by: Actor
) -> Quote:
    """Take the answer to a quote that waits for one, and do what follows. Raises Invalid where it waits no more."""
    label = _("Quote %(number)s answered by %(name)s") % {"number": quote.number, "name": name}
    with operation("quote.answer", label, by=by, record="quote") as (_op, actor):
        row = _note(quote, yes, name, words, address, browser, actor)
        problem = _win(row, name, actor) if yes else ""
        _tell_owner(row, yes, name, words, problem, actor)
    return row


def _note(quote: Quote, yes: bool, name: str, words: str, address: str, browser: str, by: Actor) -> Quote:
    with change(quote, by=by) as c:
        row = c.row
        if row.state != State.SENT:
            raise Invalid(_("This quote waits for no answer any more."), "state")
        if row.expired:
            raise Invalid(
                _("This quote was valid until %s; send a new version.") % Day().show(row.valid_until), "valid_until"
            )
        if yes and not row.offered:
            raise Invalid(_("The deal of this quote is lost; open it again before it can be accepted."), "state")
        row.state = State.ACCEPTED if yes else State.DECLINED
        row.answered_at, row.answered_by, row.answered_from = timezone.now(), name[:200], address[:45]
        row.answered_with, row.answer_words = browser[:300], words
        event = events.QuoteAccepted if yes else events.QuoteDeclined
        c.actor_name = name if by.is_system else ""
        c.says(event(
            number=row.number, deal=row.deal_id, name=name, address=address, total=str(row.total), currency=row.currency,
            words=words, promises=tuple(row.promises) if yes else (),
        ))  # fmt: skip
    return row


def _win(quote: Quote, name: str, by: Actor) -> str:
    """Win the deal at the quote's price; gives what keeps it from being won, in words."""
    kith = dataclasses.replace(system(by.channel), operation=by.operation)
    bring_deal_in_step(quote, by=kith)
    deal = registry["deal"].model._default_manager.get(pk=quote.deal_id)
    if deal.status == Status.WON:
        return ""
    words = _("%(name)s accepted the quote %(number)s") % {"name": name, "number": quote.number}
    try:
        with transaction.atomic():
            win.run(deal, reason=_reason(kith), words=words, by=kith)
    except KithError as problem:
        return problem.message
    return ""


def _reason(by: Actor) -> Reason:
    """The reason for a deal that was won by a quote; made on first use, renamed or refined as the organisation likes."""
    known = reasons_for(Status.WON)
    name = _("Quote accepted")
    found = next((reason for reason in known if reason.name in (name, "Quote accepted")), None)
    if found is not None:
        return found
    values = {"name": name, "outcome": Status.WON, "position": len(known) + 1}
    made: Reason = generic.create(registry["reason"], values, by=by)
    return made


def _tell_owner(quote: Quote, yes: bool, name: str, words: str, problem: str, by: Actor) -> None:
    owner = quote.deal.owner or quote.owner
    if owner is None or (owner.pk == by.user_id and not problem):
        return
    told = {"name": name, "number": quote.number, "deal": quote.deal, "words": words, "why": problem}
    if problem:
        text = _("%(name)s accepted %(number)s, but the deal %(deal)s is not won yet. %(why)s") % told
    elif yes:
        text = _("%(name)s accepted %(number)s, and the deal %(deal)s is won.") % told
    else:
        text = (_("%(name)s declined %(number)s: %(words)s") if words else _("%(name)s declined %(number)s.")) % told
    notify([owner], text, kind=KIND, key=f"quote:{quote.pk}:answered", by=by, about=("deal", quote.deal_id))


def opened(quote: Quote) -> None:
    """The link was opened for the first time."""
    if quote.opened_at is not None or quote.state != State.SENT:
        return
    with change(quote, by=system("web", name=str(quote.deal.contact or quote.sent_to)[:200])) as c:
        if c.row.opened_at is None:
            c.row.opened_at = timezone.now()
            c.says(events.QuoteOpened(number=c.row.number, deal=c.row.deal_id))
