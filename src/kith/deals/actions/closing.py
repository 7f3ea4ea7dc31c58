"""How deals end, and how they begin again."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.deals.actions.moving import fill_columns, is_open, must_be_open
from kith.deals.configuration import stage_of
from kith.deals.events import DealReopened
from kith.deals.kinds import ReasonLink
from kith.deals.models import Deal, Reason, Status
from kith.deals.opening import at_noon, closing
from kith.deals.rules import Step, check
from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid, NeedsInput
from kith.kernel.kinds import Day, LongText, Text
from kith.kernel.records.action import LATER, action
from kith.kernel.timeline.change import change


@action(
    "deal.win", needs="deal.edit", label=_("Won"), icon="check", applies=is_open, done=_("{row} won"), fills=True,
    many=True,
)  # fmt: skip
def win(
    deal: Deal,
    *,
    reason: Annotated[Reason | None, ReasonLink(Status.WON), _("What decided it")],
    words: Annotated[str, LongText(10_000), _("In their words")] = "",
    closed_on: Annotated[dt.date | None, Day(), _("On")] = None,
    override_reason: Annotated[str, LongText(2000), _("Why close it all the same"), LATER] = "",
    columns: dict[str, Any] | None = None,
    by: Actor,
) -> Deal:
    """The deal is won, for a reason. What the stages from here to the end ask for must be known, as for any move."""
    with transaction.atomic():
        fill_columns(deal, columns, by)
        with change(deal, by=by, at=_moment(closed_on)) as c:
            must_be_open(c.row)
            _needs_reason(reason, by)
            step = check(c.row, None, override_reason, by=by)
            _close(c, Status.WON, reason, "", words, closed_on, step)
    return c.row


@action(
    "deal.lose", needs="deal.edit", label=_("Lost"), icon="x", tone="late", applies=is_open, done=_("{row} lost"),
    fills=True, many=True,
)  # fmt: skip
def lose(
    deal: Deal,
    *,
    reason: Annotated[Reason | None, ReasonLink(Status.LOST), _("Why")],
    competitor: Annotated[str, Text(200), _("Competitor")] = "",
    words: Annotated[str, LongText(10_000), _("In their words")] = "",
    closed_on: Annotated[dt.date | None, Day(), _("On")] = None,
    columns: dict[str, Any] | None = None,
    by: Actor,
) -> Deal:
    """The deal is lost, for a reason of the tree; it stays on record and can come back."""
    with transaction.atomic():
        fill_columns(deal, columns, by)
        with change(deal, by=by, at=_moment(closed_on)) as c:
            must_be_open(c.row)
            _needs_reason(reason, by)
            _close(c, Status.LOST, reason, competitor, words, closed_on, Step())
    return c.row


def _needs_reason(reason: Reason | None, by: Actor) -> None:
    """Both outcomes say why, except in history that comes from elsewhere and never recorded it."""
    if reason is None and by.channel != "import":
        raise NeedsInput(__("Say why: it is what the next deal is learned from."), ("reason",))


def _moment(day: dt.date | None) -> dt.datetime | None:
    if day is None or day == timezone.localdate():
        return None
    if day > timezone.localdate():
        raise Invalid(__("A deal cannot close in the future."), "closed_on")
    return at_noon(day)


def _close(c: change, status: str, reason: Any, competitor: str, words: str, day: dt.date | None, step: Step) -> None:
    c.row.status, c.row.reason, c.row.closed_on = status, reason, day or timezone.localdate()
    c.row.competitor = competitor or c.row.competitor
    c.row.reason_words = words or c.row.reason_words
    c.says(closing(c.row, step.override, step.missing))


@action(
    "deal.reopen", needs="deal.edit", label=_("Open again"), icon="undo", applies=lambda deal: not is_open(deal),
    done=_("{row} is open again"), many=True,
)  # fmt: skip
def reopen(deal: Deal, *, by: Actor) -> Deal:
    """A closed deal goes on where it stood; why it had been closed stays in its story."""
    with change(deal, by=by) as c:
        if is_open(c.row):
            return c.row
        stage = stage_of(c.row.stage_id)
        c.says(DealReopened(str(c.row.get_status_display()).lower(), stage.name, stage.pk))
        c.row.status, c.row.reason, c.row.closed_on, c.row.reason_words = Status.OPEN, None, None, ""
        c.row.stage_since = timezone.now()
    return c.row
