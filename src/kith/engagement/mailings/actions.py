"""What people do with a mailing: look at everybody beforehand, try it on themselves, schedule, send, pause, resume, cancel."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, replace
from typing import Annotated, Any

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.engagement.events import MailingCancelled, MailingResumed, MailingScheduled, MailingUnscheduled
from kith.engagement.mailings import starting
from kith.engagement.mailings.audience import check as look_at
from kith.engagement.mailings.audience import gathered
from kith.engagement.mailings.cautions import cautions
from kith.engagement.mailings.mails import envelope_of, message_of
from kith.engagement.mailings.printing import Press
from kith.engagement.models import FROZEN, OPEN, Mailing, MailingState, Recipient, RecipientState
from kith.engagement.tracking.allowing import settle_tracking
from kith.kernel.access.actor import Actor
from kith.kernel.database.notify import announce
from kith.kernel.errors import Invalid
from kith.kernel.jobs import enqueue
from kith.kernel.kinds import Bool, Link, Moment
from kith.kernel.mail.leaving import leave
from kith.kernel.records.action import action
from kith.kernel.timeline.change import change
from kith.kernel.timeline.ids import uuid7

NEEDS = "mailing.edit"
AT_ONCE = 2_000  # people that are looked at while somebody waits


def _open(row: Any) -> bool:
    return row.state in OPEN and row.archived_at is None


def settle(pairs: list[tuple[Mailing | None, Mailing]], by: Actor) -> None:
    """What was frozen as sending began stays. Raises Invalid."""
    settle_tracking(pairs, by)
    for old, row in pairs:
        if old is None or old.state in OPEN:
            continue
        for name in FROZEN:
            if getattr(old, name) != getattr(row, name):
                raise Invalid(__("“%s” has begun: what it says and to whom stays as it was.") % row.name, name.removesuffix("_id"))  # fmt: skip


@action("mailing.check", needs=NEEDS, label=_("Check"), icon="check", undo=False, applies=_open,
        done=_("Everybody is looked at; nothing is sent."))  # fmt: skip
def check(mailing: Mailing, *, by: Actor) -> Mailing:
    """How many would get it, how many would not and why; beside the page where they are many. Raises Invalid for what keeps it
    from being sent at all."""
    press = starting.check_ready(mailing, by)
    if by.channel == "cli" or gathered(mailing, by)[: AT_ONCE + 1].count() <= AT_ONCE:
        return _note_check(mailing, press, by)
    _keep_check(mailing, {**mailing.checked, "looking": timezone.now().isoformat()})
    enqueue("engagement.mailing_check", mailing=mailing.pk, by=by.user_id)
    return mailing


def check_beside(pk: int, by: Actor) -> None:
    """The check of many, by a job; what keeps the mailing from being sent stands on its page."""
    mailing = Mailing.objects.select_related("template", "purpose", "owner").get(pk=pk)
    try:
        _note_check(mailing, starting.check_ready(mailing, by), by)
    except Invalid as problem:
        Mailing.objects.filter(pk=pk).update(problem=problem.message[:500])
        _keep_check(mailing, {key: value for key, value in mailing.checked.items() if key != "looking"})


def _note_check(mailing: Mailing, press: Press, by: Actor) -> Mailing:
    found = look_at(mailing, press, by).as_json()
    said = [asdict(caution) for caution in cautions(mailing, by)]
    now = {"at": timezone.now().isoformat(), "version": mailing.template.version}
    return _keep_check(mailing, {**found, "cautions": said, **now})


def _keep_check(mailing: Mailing, checked: dict[str, Any]) -> Mailing:
    Mailing.objects.filter(pk=mailing.pk).update(checked=checked)
    announce(["mailing", f"mailing:{mailing.pk}"])
    mailing.checked = checked
    return mailing


@action("mailing.try_out", needs=NEEDS, label=_("Send a test to myself"), icon="mail", undo=False, applies=_open,
        done=_("The test is on its way to you."))  # fmt: skip
def try_out(
    mailing: Mailing, *, person: Annotated[Any, Link("person"), _("As this person gets it")] = None, by: Actor
) -> Mailing:
    """One mail to whoever asks, as a person of the audience gets it. Its links are theirs, so that none is in it that
    would say something in their name."""
    address = getattr(by.user, "email", "")
    if not address:
        raise Invalid(__("A test goes to your own address, and you have none."))
    press = starting.check_ready(mailing, by)
    who = person or gathered(mailing, by).exclude(email="").order_by("pk").first()
    if who is None:
        raise Invalid(__("Nobody is in the audience whom the test could be written to."), "audience")
    row = press.people([who.pk]).get(who.pk)
    if row is None:
        raise Invalid(__("%s is not among those you may write to.") % who, "person")
    letter = press.letter(row, "", row.language)
    made = Recipient(mailing=mailing, address=address, token=uuid7(), language=row.language)
    mail = message_of(replace(letter, subject=__("Test: %s") % letter.subject), made, row, envelope_of(mailing))
    for name in ("List-Unsubscribe", "List-Unsubscribe-Post"):
        mail.extra_headers.pop(name)
    leave(mail)
    return mailing


@action("mailing.schedule", needs=NEEDS, label=_("Schedule"), icon="clock", undo=False, applies=_open,
        done=_("Scheduled. It can be changed until then."))  # fmt: skip
def schedule(mailing: Mailing, *, at: Annotated[dt.datetime, Moment(), _("When")], by: Actor) -> Mailing:
    """It is sent by itself at that moment. Raises Invalid."""
    if at <= timezone.now():
        raise Invalid(__("This moment has passed; choose a later one, or send it now."), "at")
    starting.check_ready(mailing, by)
    with change(mailing, by=by) as c:
        c.row.state, c.row.send_at, c.row.problem = MailingState.SCHEDULED, at, ""
        c.row.started_by_id = by.user_id
        c.says(MailingScheduled(c.row.name, timezone.localtime(at).strftime("%Y-%m-%d %H:%M")))
    return c.row


@action("mailing.unschedule", needs=NEEDS, label=_("Back to draft"), icon="undo", undo=False,
        applies=lambda m: m.state == MailingState.SCHEDULED, done=_("It is a draft again."))  # fmt: skip
def unschedule(mailing: Mailing, *, by: Actor) -> Mailing:
    with change(mailing, by=by) as c:
        if c.row.state == MailingState.SCHEDULED:
            c.row.state, c.row.send_at = MailingState.DRAFT, None
            c.says(MailingUnscheduled(c.row.name))
    return c.row


@action("mailing.send", needs=NEEDS, label=_("Send"), icon="send", undo=False, applies=_open,
        done=_("It is being sent."))  # fmt: skip
def send(
    mailing: Mailing, *, sure: Annotated[bool, Bool(), _("Write to everybody of the audience now")], by: Actor
) -> Mailing:
    """Begin now. What was handed over cannot be called back; the rest can be paused and cancelled."""
    if not sure:
        raise Invalid(__("Say that everybody is to be written to now."), "sure")
    return starting.begin(mailing, by=by)


@action("mailing.pause", needs=NEEDS, label=_("Pause"), icon="pause", undo=False,
        applies=lambda m: m.state == MailingState.SENDING, done=_("It rests after those who are being written to now."))  # fmt: skip
def pause(mailing: Mailing, *, by: Actor) -> Mailing:
    return starting.rest(mailing, __("Paused by %s.") % by.name, by=by)


@action("mailing.resume", needs=NEEDS, label=_("Let it go on"), icon="play", undo=False,
        applies=lambda m: m.state == MailingState.PAUSED, done=_("It goes on."))  # fmt: skip
def resume(mailing: Mailing, *, by: Actor) -> Mailing:
    with change(mailing, by=by) as c:
        if c.row.state != MailingState.PAUSED:
            return c.row
        c.row.state, c.row.problem = MailingState.SENDING, ""
        c.says(MailingResumed(c.row.name))
    enqueue("engagement.mailing", key=f"engagement.mailing:{mailing.pk}", mailing=mailing.pk)
    return c.row


@action("mailing.cancel", needs=NEEDS, label=_("Cancel"), icon="ban", tone="late", undo=False,
        applies=lambda m: m.state in (MailingState.SENDING, MailingState.PAUSED),
        done=_("Cancelled. Nobody else is written to."))  # fmt: skip
def cancel(mailing: Mailing, *, sure: Annotated[bool, Bool(), _("Write to nobody else")], by: Actor) -> Mailing:
    """Nobody else is written to; those who got it, got it."""
    if not sure:
        raise Invalid(__("Say that nobody else is to be written to."), "sure")
    with change(mailing, by=by) as c:
        if c.row.state in (MailingState.SENT, MailingState.CANCELLED):
            raise Invalid(__("“%s” is over already.") % c.row.name)
        c.row.state, c.row.ended_at = MailingState.CANCELLED, timezone.now()
        c.says(MailingCancelled(c.row.name))
    return c.row


@action("mailing.try_doubtful", needs=NEEDS, label=_("Send those in doubt again"), icon="loop", undo=False,
        applies=lambda m: m.state in (MailingState.PAUSED, MailingState.SENT),
        done=_("Those in doubt are written to again."))  # fmt: skip
def try_doubtful(mailing: Mailing, *, sure: Annotated[bool, Bool(), _("They may get it twice")], by: Actor) -> Mailing:
    """Whoever looked into the log of the mail server and did not find them there. Raises Invalid when none is in doubt."""
    rows = Recipient.objects.filter(mailing=mailing, state=RecipientState.DOUBT)
    if not sure or not rows.exists():
        raise Invalid(__("Nobody is in doubt, or you did not say that they may get it twice."), "sure")
    with change(mailing, by=by) as c:
        rows.update(state=RecipientState.WAITING, batch=None, place=None, at=None, tries=F("tries") + 1)
        c.row.state, c.row.ended_at = MailingState.SENDING, None
        c.says(MailingResumed(c.row.name))
    enqueue("engagement.mailing", key=f"engagement.mailing:{mailing.pk}", mailing=mailing.pk)
    return c.row
