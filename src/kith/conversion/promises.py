"""The promise ledger: what somebody of ours said that we will do, with the words that prove it, until it is kept, broken or
waived. Made from a record page, a mail, a call or a note, a line of an accepted quote, or by a program.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any
from uuid import UUID

from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.conversion.events import (
    PromiseBroken,
    PromiseDelivery,
    PromiseKept,
    PromiseMade,
    PromiseReopened,
    PromiseWaived,
)
from kith.conversion.models import Delivery, Promise, PromiseState
from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid
from kith.kernel.kinds import Choice, Colleague, Day, LongText, Text, Url
from kith.kernel.records.action import GIVEN, action
from kith.kernel.records.actions import adopt, fill
from kith.kernel.records.registry import registry
from kith.kernel.timeline.change import change
from kith.kernel.timeline.models import Event

ABOUT = ("person", "company", "deal", "order", "ticket", "renewal", "onboarding_plan")
# What an event that holds the words is called as evidence, by its verb's beginning.
EVIDENCE = {
    "mail.": "mail", "message.": "mail", "activity.called": "call", "activity.met": "meeting", "activity.noted": "note",
    "note.": "note", "conversation.": "chat", "ticket.": "ticket", "quote.": "quote",
}  # fmt: skip
OTHER = "by hand"


def create(values: dict[str, Any], *, by: Actor, at: dt.datetime | None = None, source: UUID | None = None) -> Promise:
    """A new promise from typed values by column key; who it is made to and by whom follows from what it hangs on. source:
    the event that holds the words. Raises Invalid, InvalidMany."""
    row = Promise()
    fill(registry["promise"], row, {**values, "state": values.get("state") or PromiseState.OPEN}, by=by)
    row.source = source
    _complete(row)
    if at:
        row.created_at = at
    with change(row, by=by, at=at) as c:
        adopt(c.row, by)
        c.says(PromiseMade(wording=row.wording, due=row.due_on.isoformat() if row.due_on else ""))
    return row


def _complete(row: Promise) -> None:
    """A promise on an order or a deal is made to its customer, for its main product, and kept by its owner unless another
    is named."""
    order, deal = row.order, row.deal
    if order is not None and deal is None:
        row.deal = deal = order.deal
    for source, person in ((order, "person"), (deal, "contact")):
        if source is not None:
            row.company_id = row.company_id or source.company_id
            row.person_id = row.person_id or getattr(source, f"{person}_id")
            row.owner_id = row.owner_id or source.owner_id
            row.team_id = row.team_id or source.team_id
    if deal is not None:
        row.product_id = row.product_id or deal.product_id
    if row.person is not None:
        row.company_id = row.company_id or row.person.company_id


def hangs_on(row: Any) -> dict[str, Any]:
    """What a promise noted on the page of `row` is about."""
    record = registry.by_model(type(row))
    assert record is not None
    if record.name in ("person", "company", "deal", "order"):
        return {record.name: row}
    return {name: getattr(row, name) for name in ("person", "company") if getattr(row, name, None) is not None}


@action("promise.make", needs="promise.create", label=_("Promise"), icon="check", done=_("Promise noted."),
        applies=lambda row: row.archived_at is None)  # fmt: skip
def make(
    row: Any,
    *,
    body: Annotated[str, LongText(500), _("What we will do")],
    due_on: Annotated[dt.date | None, Day(), _("By when")] = None,
    quote: Annotated[str, LongText(5000), _("In whose words")] = "",
    owner: Annotated[Any, Colleague(), _("Who keeps it")] = None,
    source: Annotated[str, Text(40), GIVEN, _("Event")] = "",
    by: Actor,
) -> Promise:
    """A promise to whom this page is about. source: the event that holds the words, which must stand on this story."""
    event = _event(row, source) if source else None
    values = {
        **hangs_on(row), "wording": " ".join(body.split()), "due_on": due_on, "quote": quote, "evidence": _kind_of(event.verb) if event is not None else OTHER,
    }  # fmt: skip
    if owner is not None:
        values["owner"] = owner
    return create(values, by=by, source=event.pk if event is not None else None)


def _event(row: Any, source: str) -> Event:
    """The event that holds the words, if it stands on this row's story. Raises Invalid."""
    record = registry.by_model(type(row))
    try:
        found = Event.objects.filter(pk=UUID(source), links__record=record.name, links__record_id=row.pk).first()  # type: ignore[union-attr]
    except ValueError:
        found = None
    if found is None:
        raise Invalid(__("What was said is not on this story."), "source")
    return found


def _kind_of(verb: str) -> str:
    return next((kind for begins, kind in EVIDENCE.items() if verb.startswith(begins)), OTHER)


def is_open(promise: Promise) -> bool:
    return promise.state == PromiseState.OPEN


def _settle(promise: Promise, state: str, event: Any, reason: str, on: dt.date | None, by: Actor) -> Promise:
    with change(promise, by=by) as c:
        if c.row.state == state:
            return c.row
        if not is_open(c.row):
            raise Invalid(__("This promise is settled; open it again first."), "state")
        c.row.state, c.row.reason, c.row.settled_on = state, reason, on
        c.says(event(wording=c.row.wording, reason=reason))
    return c.row


On = Annotated[dt.date | None, Day(), _("On")]
Why = Annotated[str, Text(500), _("Why")]


@action("promise.keep", needs="promise.edit", label=_("Kept"), icon="check", applies=is_open, many=True, done=_("Kept"))
def keep(promise: Promise, *, reason: Annotated[str, Text(500), _("How")] = "", on: On = None, by: Actor) -> Promise:
    """We did what we said."""
    return _settle(promise, PromiseState.KEPT, PromiseKept, reason, on, by)


@action("promise.break", needs="promise.edit", label=_("Broken"), icon="x", tone="late", applies=is_open, many=True,
        done=_("Noted as broken"))  # fmt: skip
def break_(promise: Promise, *, reason: Why, on: On = None, by: Actor) -> Promise:
    """We did not do what we said, and say why."""
    return _settle(promise, PromiseState.BROKEN, PromiseBroken, reason, on, by)


@action("promise.waive", needs="promise.edit", label=_("Waived"), icon="minus", applies=is_open, many=True,
        done=_("Waived"))  # fmt: skip
def waive(promise: Promise, *, reason: Why, on: On = None, by: Actor) -> Promise:
    """They let us off, and said why; it is neither kept nor broken."""
    return _settle(promise, PromiseState.WAIVED, PromiseWaived, reason, on, by)


@action("promise.reopen", needs="promise.edit", label=_("Open again"), icon="undo", applies=lambda p: not is_open(p),
        many=True, done=_("Open again"))  # fmt: skip
def reopen(promise: Promise, *, by: Actor) -> Promise:
    """It holds again; how it had been settled stays in its story."""
    with change(promise, by=by) as c:
        if is_open(c.row):
            return c.row
        c.row.state, c.row.reason = PromiseState.OPEN, ""
        c.says(PromiseReopened(wording=c.row.wording))
    return c.row


@action("promise.delivery", needs="promise.edit", label=_("Say how far it is"), icon="flag", many=True, done=_("Noted"))
def delivery(
    promise: Promise,
    *,
    status: Annotated[str, Choice(dict(Delivery.choices)), _("Delivery")],
    issue_url: Annotated[str, Url(), _("Issue")] = "",
    issue_title: Annotated[str, Text(300), _("Issue is called")] = "",
    note: Annotated[str, Text(300), _("In a few words")] = "",
    by: Actor,
) -> Promise:
    """The technical team, or its issue tracker, says how far it is. What is delivered is kept only once somebody who
    speaks with the customer says so."""
    with change(promise, by=by) as c:
        row = c.row
        told = (status, issue_url or row.issue_url, issue_title or row.issue_title)
        if told == (row.delivery, row.issue_url, row.issue_title) and not note:
            return row
        row.delivery, row.issue_url, row.issue_title = told
        c.says(PromiseDelivery(wording=row.wording, state=str(Delivery(status).label), note=note))
    return c.row


@action("promise.note_constraint", needs="promise.edit", label=_("Note a constraint"), icon="info", done=_("Noted"))
def note_constraint(
    promise: Promise, *, constraint: Annotated[str, LongText(5000), _("Technical constraint")], by: Actor
) -> Promise:
    """What stands in the way, in the words of those who make it."""
    with change(promise, by=by) as c:
        c.row.constraint = constraint
    return c.row
