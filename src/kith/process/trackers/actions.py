"""Verbs of trackers and issues: letting us in, saying how far an issue is, telling its tracker now."""

from __future__ import annotations

from typing import Annotated

from django.utils import timezone
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.activities.notices import notify
from kith.conversion.promises import delivery as say_delivery
from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid
from kith.kernel.jobs import enqueue
from kith.kernel.kinds import Choice, Text
from kith.kernel.mail.kinds import Secret
from kith.kernel.mail.secrets import seal
from kith.kernel.records.action import action
from kith.kernel.timeline.change import change
from kith.onboarding.moving import of_kith
from kith.process.trackers.events import IssueMoved, SecretRenewed, TokenGiven
from kith.process.trackers.keeping import TELLING, promises_of, tickets_of
from kith.process.trackers.models import Delivery, Issue, Provider, Token, Tracker

NOTICE = "issues"
MANAGE = "settings.manage"


def _here(row: Tracker | Issue) -> bool:
    return row.archived_at is None


@action("tracker.give_token", needs=MANAGE, label=_("Give the token"), icon="key", undo=False,
        applies=lambda row: row.archived_at is None and row.provider != Provider.WEBHOOK, done=_("Kept under lock."))  # fmt: skip
def give_token(tracker: Tracker, *, token: Annotated[str, Secret(), _("Token")], by: Actor) -> Tracker:
    """It is kept encrypted and shown to nobody. It needs no right but to comment on issues."""
    with change(tracker, by=by) as c:
        Token.objects.update_or_create(
            tracker=c.row, defaults={"sealed": seal({"token": token, "at": c.row.api_at}), "set_at": timezone.now()}
        )
        c.says(TokenGiven())
    row: Tracker = c.row
    return row


@action("tracker.renew_secret", needs=MANAGE, label=_("New secret"), icon="refresh", undo=False, applies=_here,
        done=_("Calls signed with the old secret are refused from now on."))  # fmt: skip
def renew_secret(tracker: Tracker, *, by: Actor) -> Tracker:
    """A new secret for calls of the tracker, for example because somebody who knew the old one left."""
    with change(tracker, by=by) as c:
        c.row.secret_round += 1
        c.says(SecretRenewed())
    row: Tracker = c.row
    return row


@action("issue.move", needs=MANAGE, label=_("Say how far it is"), icon="flag", applies=_here, done=_("Noted"))
def move(
    issue: Issue,
    *,
    status: Annotated[str, Choice(dict(Delivery.choices)), _("Delivery")],
    title: Annotated[str, Text(300), _("Title, if it changed")] = "",
    by: Actor,
) -> Issue:
    """How far it is, for every promise that names it; tickets that wait for it are told, and whoever has them."""
    with change(issue, by=by) as c:
        row = c.row
        moved = row.delivery != status
        row.title, row.delivery = title or row.title, status
        waits = list(tickets_of(row.url).select_related("owner").order_by("pk"))
        if moved:
            c.says(IssueMoved(str(row), str(Delivery(status).label)))
            for ticket in waits:
                c.about("ticket", ticket.pk)
    issue = c.row
    for promise in promises_of(issue.url).order_by("pk"):
        say_delivery.run(promise, status=status, issue_title=title, by=of_kith(by))
    if moved:
        _tell_agents(issue, waits, by)
    return issue


def _tell_agents(issue: Issue, waits: list[object], by: Actor) -> None:
    whom = {one.owner.pk: one.owner for one in waits if one.owner is not None and one.owner.is_active}  # type: ignore[attr-defined]
    words = __("“%(issue)s” is now: %(state)s. You have tickets that wait for it.") % {
        "issue": issue, "state": issue.get_delivery_display()}  # fmt: skip
    if whom:
        notify(
            whom.values(),
            words,
            kind=NOTICE,
            key=f"issue.moved:{issue.pk}:{issue.version}",
            by=by,
            about=("issue", issue.pk),
        )


@action("issue.tell", needs=MANAGE, label=_("Tell the tracker now"), icon="send", undo=False, applies=lambda row: row.archived_at is None and row.tracker_id is not None,
        done=_("It is told in a moment."))  # fmt: skip
def tell_now(issue: Issue, *, by: Actor) -> Issue:
    """Without waiting for more, and once more where it was given up. Raises Invalid where no tracker is known for it."""
    if issue.tracker_id is None:
        raise Invalid(__("No tracker is known for this address; set one up under Settings."))
    with change(issue, by=by) as c:
        c.row.tries = 0
    enqueue(TELLING, issue=issue.pk)
    row: Issue = c.row
    return row
