"""Verbs of quotes: drafting, promising, having a discount approved, sending, replacing, withdrawing, answering by hand."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.activities.mail import write_mail
from kith.activities.notices import notify
from kith.deals.models import Deal, Status
from kith.deals.pricing import currency_of
from kith.deals.quotes import document, events
from kith.deals.quotes.accepting import answer
from kith.deals.quotes.limits import approvers, limit_of, may_approve, may_offer
from kith.deals.quotes.lines import drawn_up, must_be_worth, sum_up
from kith.deals.quotes.links import link_of
from kith.deals.quotes.models import Approval, Quote, QuoteLine, State, until
from kith.deals.quotes.words import Words, spoken
from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid, NeedsInput, NotAllowed
from kith.kernel.kinds import Choice, Day, Email, Integer, LongText, Text
from kith.kernel.records.action import GIVEN, action
from kith.kernel.records.actions import adopt
from kith.kernel.timeline.change import change
from kith.kernel.timeline.sides import Sides

KIND = "quote"  # of notices
Note = Annotated[str, LongText(5000), _("A few words before the prices")]
Reason = Annotated[str, Text(500), _("Why")]


def _languages() -> dict[str, str]:
    from babel import Locale

    return {code: (Locale(code).get_display_name(code) or code).capitalize() for code in spoken()}


def is_draft(quote: Quote) -> bool:
    return quote.state == State.DRAFT


def is_sent(quote: Quote) -> bool:
    return quote.state == State.SENT


def _open(deal: Deal) -> bool:
    return deal.status == Status.OPEN and deal.archived_at is None


@action("deal.draft_quote", needs="quote.create", label=_("Draft a quote"), icon="quote", applies=_open,
        done=_("Quote drafted"))  # fmt: skip
def draft_quote(
    deal: Deal,
    *,
    valid_until: Annotated[dt.date | None, Day(), _("Valid until")] = None,
    language: Annotated[str, Choice(_languages), _("Language")] = "",
    note: Note = "",
    terms: Annotated[str, LongText(20_000), _("Terms, if not the usual ones")] = "",
    by: Actor,
) -> Quote:
    """A quote of the deal as it stands: its products, prices and discounts; the next version where there is one."""
    return create({"deal": deal, "valid_until": valid_until, "language": language, "note": note, "terms": terms}, by=by)


def create(values: dict[str, Any], *, by: Actor, at: dt.datetime | None = None) -> Quote:
    """A draft from typed values by column key; the deal is needed. Raises Invalid."""
    deal = values.get("deal")
    if deal is None:
        raise Invalid(__("A quote belongs to a deal; say which."), "deal")
    with transaction.atomic():
        with change(deal, by=by, verb="see") as c:  # locked, so that no two versions have one number
            deal = c.row
            if not _open(deal):
                raise Invalid(__("This deal is closed; open it again before it offers something."), "deal")
        last = Quote.objects.filter(deal=deal).order_by("-edition").first()
        edition = last.edition + 1 if last is not None else 1
        day = timezone.localdate()
        language = values.get("language") or (last.language if last else "") or _language_of(deal)
        quote = Quote(
            deal=deal, edition=edition, number=f"{day.year}-{deal.pk:05d}-{edition}", language=language, currency=currency_of(deal),
            valid_until=values.get("valid_until") or until(document.paper().valid_days), note=values.get("note") or (last.note if last else ""),
            terms=values.get("terms") or (last.terms if last else "") or document.terms_in(language),
            promises=list(last.promises) if last else [], owner=values.get("owner") or deal.owner, team=values.get("team") or deal.team,
        )  # fmt: skip
        lines = drawn_up(deal)
        sum_up(quote, lines)
        if at:
            quote.created_at = at
        with change(quote, by=by, at=at) as c:
            adopt(c.row, by)
            c.says(events.QuoteDrafted(number=quote.number, deal=deal.pk))
        for line in lines:
            line.quote = quote
        QuoteLine.objects.bulk_create(lines)
    return quote


def _language_of(deal: Deal) -> str:
    wanted = getattr(deal.contact, "language", "") or ""
    return wanted.partition("-")[0] if wanted.partition("-")[0] in spoken() else "en"


def _check_day(quote: Quote) -> None:
    if quote.valid_until < timezone.localdate():
        raise Invalid(__("A quote is valid until today at least; choose a later day."), "valid_until")


def why_fixed(quote: Quote) -> str:
    """A draft changes; what was sent never does."""
    return "" if is_draft(quote) else __("What was sent never changes; make a new version instead.")


def must_be_draft(quote: Quote) -> None:
    if why := why_fixed(quote):
        raise Invalid(why, "state")


def follow_deal(quote: Quote, *, by: Actor) -> None:
    """Bring a draft in step with its deal; a discount that grew is approved anew."""
    with change(quote, by=by) as c:
        if not is_draft(c.row):
            return
        sides = Sides(QuoteLine.objects.all(), {"quote_id": c.row.pk})
        lines = drawn_up(c.row.deal)
        before = c.row.discount
        c.row.currency = currency_of(c.row.deal)
        sum_up(c.row, lines)
        c.row.lines.all().delete()
        for line in lines:
            line.quote = c.row
        QuoteLine.objects.bulk_create(lines)
        if c.row.discount > before:
            c.row.approval, c.row.approval_by, c.row.approval_reason = "", None, ""
        c.says(events.QuoteFollowed(number=c.row.number, deal=c.row.deal_id, sides=sides.touched()))


@action("quote.add_promise", needs="quote.edit", label=_("Write down a promise"), icon="check", applies=is_draft,
        done=_("It stands on the quote"))  # fmt: skip
def add_promise(
    quote: Quote,
    *,
    wording: Annotated[str, Text(500), _("What we will do")],
    due: Annotated[dt.date | None, Day(), _("By when")] = None,
    by: Actor,
) -> Quote:
    """What we promise with this quote; accepting it makes it a promise of the ledger."""
    with change(quote, by=by) as c:
        must_be_draft(c.row)
        c.row.promises = [*c.row.promises, {"wording": wording, "due": due.isoformat() if due else ""}]
        c.says(events.PromisesWritten(number=c.row.number, deal=c.row.deal_id))
    return c.row


@action("quote.remove_promise", needs="quote.edit", label=_("Take a promise off"), icon="trash", applies=is_draft,
        done=_("Taken off"))  # fmt: skip
def remove_promise(
    quote: Quote, *, place: Annotated[int, Integer(1), _("Which, counted from 1"), GIVEN], by: Actor
) -> Quote:
    """Take one promise off a draft."""
    with change(quote, by=by) as c:
        must_be_draft(c.row)
        if place > len(c.row.promises):
            raise Invalid(__("There is no such promise on this quote any more."), "place")
        c.row.promises = [one for n, one in enumerate(c.row.promises, 1) if n != place]
        c.says(events.PromisesWritten(number=c.row.number, deal=c.row.deal_id))
    return c.row


@action("quote.ask_approval", needs="quote.edit", label=_("Ask for approval"), icon="hand", done=_("Asked"),
        applies=lambda q: is_draft(q) and q.approval not in (Approval.ASKED, Approval.GIVEN))  # fmt: skip
def ask_approval(quote: Quote, *, reason: Annotated[str, Text(500), _("Why so much")], by: Actor) -> Quote:
    """Ask whoever may approve this discount; they see what is left of the price."""
    with change(quote, by=by) as c:
        must_be_draft(c.row)
        c.row.approval, c.row.approval_by, c.row.approval_reason = Approval.ASKED, None, reason
        c.says(_approval(events.ApprovalAsked, c.row, reason))
    text = __("%(who)s asks to approve %(percent)s %% off on %(number)s: %(reason)s") % {
        "who": by.name, "percent": f"{quote.discount.normalize():f}", "number": quote.number, "reason": reason}  # fmt: skip
    key = f"quote:{quote.pk}:asked:{c.row.version}:{c.row.updated_at.isoformat()}"
    notify(approvers(c.row), text, kind=KIND, key=key, by=by, about=("quote", quote.pk))
    return c.row


def _approval(event: Any, quote: Quote, reason: str) -> Any:
    return event(number=quote.number, deal=quote.deal_id, discount=f"{quote.discount.normalize():f}", reason=reason)


def _asked(quote: Quote) -> bool:
    return is_draft(quote) and quote.approval == Approval.ASKED


def _decide(quote: Quote, approval: str, event: Any, reason: str, by: Actor) -> Quote:
    with change(quote, by=by) as c:
        if not _asked(c.row):
            raise Invalid(__("Nobody asks for this approval any more."), "approval")
        if not may_approve(by, c.row):
            raise NotAllowed(__("You may approve up to %(limit)s %%, and this is %(percent)s %%; ask a manager.") % {
                "limit": f"{limit_of(by).normalize():f}", "percent": f"{c.row.discount.normalize():f}"})  # fmt: skip
        c.row.approval, c.row.approval_by_id, c.row.approval_reason = approval, by.user_id, reason
        c.says(_approval(event, c.row, reason))
    if quote.owner is not None and quote.owner_id != by.user_id:
        said = __("approved") if approval == Approval.GIVEN else __("refused")
        text = __("%(who)s %(said)s the discount on %(number)s. %(reason)s") % {
            "who": by.name, "said": said, "number": quote.number, "reason": reason}  # fmt: skip
        key = f"quote:{quote.pk}:{approval}:{c.row.updated_at.isoformat()}"
        notify([quote.owner], text.strip(), kind=KIND, key=key, by=by, about=("quote", quote.pk))
    return c.row


@action("quote.approve", needs="quote.edit", label=_("Approve the discount"), icon="check", applies=_asked, done=_("Approved"))  # fmt: skip
def approve(quote: Quote, *, reason: Annotated[str, Text(500), _("In a few words")] = "", by: Actor) -> Quote:
    """Somebody who could offer this discount themselves lets it pass. Raises NotAllowed."""
    return _decide(quote, Approval.GIVEN, events.ApprovalGiven, reason, by)


@action("quote.refuse", needs="quote.edit", label=_("Refuse the discount"), icon="x", applies=_asked, done=_("Refused"))
def refuse(quote: Quote, *, reason: Reason, by: Actor) -> Quote:
    """Not this discount, and why."""
    return _decide(quote, Approval.REFUSED, events.ApprovalRefused, reason, by)


@action("quote.send", needs="quote.edit", label=_("Send"), icon="send", applies=is_draft, undo=False,
        done=_("The quote is on its way, or in the outbox."))  # fmt: skip
def send(
    quote: Quote,
    *,
    to: Annotated[str, Email(), _("To, if not the contact's main address")] = "",
    words: Annotated[str, LongText(5000), _("A few words in the mail, if not the usual ones")] = "",
    by: Actor,
) -> Quote:
    """Freeze this version, set its document, and mail it with the link at which it is answered. Older versions that wait
    are replaced. A discount beyond what the sender may offer needs an approval first. Raises Invalid, NeedsInput."""
    address = to or getattr(quote.deal.contact, "email", "") or getattr(quote.deal.company, "email", "")
    if not address:
        raise NeedsInput(__("Say to whom: the deal has no contact with an e-mail address."), ("to",))
    with transaction.atomic():
        with change(quote, by=by) as c:
            row = c.row
            must_be_draft(row)
            _check_day(row)
            must_be_worth(row)
            _must_be_allowed(row, by)
            row.state, row.sent_at, row.sent_to, row.secret = State.SENT, timezone.now(), address, get_random_string(24)
            stored = document.keep(row, document.render(row, link_of(row)), by=by)
            row.document, row.digest = stored.pk, stored.sha256
            row.message = _mail(row, address, words, by).pk
            c.says(events.QuoteSent(
                number=row.number, deal=row.deal_id, to=address, total=str(row.total), currency=row.currency
            ))  # fmt: skip
        _replace_older(row, by)
    return row


def _must_be_allowed(quote: Quote, by: Actor) -> None:
    if may_offer(by, quote) or quote.approval == Approval.GIVEN:
        return
    raise Invalid(
        __("%(percent)s %% off is more than the %(limit)s %% you may offer; ask for approval first.")
        % {"percent": f"{quote.discount.normalize():f}", "limit": f"{limit_of(by).normalize():f}"},
        "discount",
    )


def _mail(quote: Quote, address: str, words: str, by: Actor) -> Any:
    w = Words(quote.language)
    name = str(quote.deal.contact or "")
    usual = w("mail", number=quote.number, total=w.money(quote.total, quote.currency), day=w.day(quote.valid_until))
    hello = w("hello", name=name) if name else w("hello_all")
    text = "\n\n".join([hello, words or usual, f"{w('online')}\n{link_of(quote)}", by.name])
    subject = w("subject", number=quote.number, what=quote.deal.name)[:300]
    return write_mail(quote.deal, to=[address], subject=subject, text=text, by=by)


def _replace_older(quote: Quote, by: Actor) -> None:
    for older in Quote.objects.filter(deal=quote.deal_id, state=State.SENT).exclude(pk=quote.pk):
        with change(older, by=by) as c:
            c.row.state = State.REPLACED
            c.says(events.QuoteReplaced(number=older.number, deal=older.deal_id, by=quote.number))


@action("quote.revise", needs="quote.create", label=_("New version"), icon="copy", done=_("New version drafted"),
        applies=lambda q: not is_draft(q) and q.state != State.ACCEPTED)  # fmt: skip
def revise(quote: Quote, *, by: Actor) -> Quote:
    """A draft that begins with this one's words, terms and promises, and with what the deal offers now."""
    quote = Quote.objects.select_related("deal").get(pk=quote.pk)
    values = {"deal": quote.deal, "language": quote.language, "note": quote.note, "terms": quote.terms}
    made = create(values, by=by)
    if made.promises != quote.promises:
        with change(made, by=by) as c:
            c.row.promises = list(quote.promises)
        return c.row
    return made


@action("quote.withdraw", needs="quote.edit", label=_("Withdraw"), icon="ban", applies=is_sent, done=_("Withdrawn"))
def withdraw(quote: Quote, *, reason: Reason, by: Actor) -> Quote:
    """It is no longer offered; who opens the link reads so."""
    with change(quote, by=by) as c:
        if not is_sent(c.row):
            raise Invalid(__("Only a quote that waits for an answer can be withdrawn."), "state")
        c.row.state = State.WITHDRAWN
        c.says(events.QuoteWithdrawn(number=c.row.number, deal=c.row.deal_id, reason=reason))
    return c.row


Signed = Annotated[str, Text(200), _("Who answered")]


@action(
    "quote.accept", needs="quote.edit", label=_("They accepted it"), icon="check", applies=is_sent, done=_("Accepted")
)
def accept(quote: Quote, *, name: Signed, words: Annotated[str, LongText(2000), _("How")] = "", by: Actor) -> Quote:
    """They said yes in another way: signed on paper, on the phone. The same follows as online."""
    return answer(quote, True, name=name, words=words, by=by)


@action("quote.decline", needs="quote.edit", label=_("They declined it"), icon="x", applies=is_sent, done=_("Noted"))
def decline(quote: Quote, *, name: Signed, words: Annotated[str, LongText(2000), _("Why")] = "", by: Actor) -> Quote:
    """They said no in another way; the deal stays open."""
    return answer(quote, False, name=name, words=words, by=by)
