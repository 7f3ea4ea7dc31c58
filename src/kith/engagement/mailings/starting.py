"""How a mailing begins, rests and ends: the one way each happens, whichever face or clock asks.

As it begins its wording is frozen, and with it who it is from, which files go with it, and as whom people are gathered.
"""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from kith.activities.mail import can_send
from kith.activities.notices import notify
from kith.engagement.dressing import own_files, signature_of
from kith.engagement.enclosing import Along, along_with
from kith.engagement.events import MailingBegan, MailingEnded, MailingPaused
from kith.engagement.mailings.audience import gathered, segments
from kith.engagement.mailings.mails import from_line
from kith.engagement.mailings.printing import Press
from kith.engagement.models import Mailing, MailingState, Recipient, RecipientState, TemplateVersion
from kith.engagement.wording import current_version
from kith.kernel.access.actor import Actor, actor_for, system
from kith.kernel.errors import Invalid
from kith.kernel.jobs import enqueue
from kith.kernel.timeline.change import change


def actor_of(mailing: Mailing) -> Actor:
    """As whom a mailing that began goes on: whoever started it, or Kith itself where a program did."""
    return actor_for(mailing.started_by, "automation") if mailing.started_by is not None else system("automation")


def press_of(mailing: Mailing, by: Actor) -> Press:
    """What prints it: the wording that was frozen, else the one that counts now."""
    if mailing.number is not None:
        version = TemplateVersion.objects.get(template=mailing.template_id, number=mailing.number)
    else:
        version = current_version(mailing.template)
    return Press(version, mailing.purpose, mailing.owner, by, signature_of(mailing.owner_id), enclosed_in(mailing))


def enclosed_in(mailing: Mailing) -> Along:
    """Assets that go along: as they were frozen, else as they are now. Raises Invalid."""
    return Along.of_json(mailing.frozen) if mailing.number is not None else along_with(mailing.template)


def check_ready(mailing: Mailing, by: Actor) -> Press:
    """Raises Invalid for the first thing that keeps it from being sent at all; returns what prints it."""
    if not can_send():
        raise Invalid(_("No mail server is set up; set KITH_EMAIL_URL and start Kith again."))
    if mailing.template.archived_at is not None or mailing.template.kind != "mail":
        raise Invalid(_("“%s” is no mail template in use; choose another one.") % mailing.template, "template")
    if mailing.purpose.archived_at is not None:
        raise Invalid(_("The purpose “%s” is not in use any more; choose another one.") % mailing.purpose, "purpose")
    if not mailing.audience:
        raise Invalid(_("Choose at least one segment to write to."), "audience")
    segments([*mailing.audience, *mailing.without])
    press = press_of(mailing, by)
    press.check()
    return press


def begin(mailing: Mailing, *, by: Actor, started_by: Any = None) -> Mailing:
    """Freeze it and have it sent. Raises Invalid. started_by: the colleague who scheduled it, where a clock begins it."""
    reader = actor_for(started_by, "automation") if started_by is not None else by
    press = check_ready(mailing, reader)
    if not gathered(mailing, reader).exists():
        raise Invalid(_("Nobody is in these segments whom you may write to; look at them first."), "audience")
    with change(mailing, by=by) as c:
        row = c.row
        if row.state not in (MailingState.DRAFT, MailingState.SCHEDULED):
            raise Invalid(_("“%s” has begun already.") % row.name)
        row.state, row.began_at, row.problem = MailingState.SENDING, timezone.now(), ""
        row.number = press.version.number
        row.started_by = started_by or by.user
        if row.started_by is None and by.user_id:
            row.started_by_id = by.user_id
        kept = press.enclosed.as_json()
        row.frozen = {**kept, "from": from_line(row), "files": [*own_files(row.template), *kept["files"]]}
        c.says(MailingBegan(row.name, row.number))
        for asset, _name in press.enclosed.assets:
            c.about("asset", asset)
    enqueue("engagement.mailing", key=f"engagement.mailing:{mailing.pk}", mailing=mailing.pk)
    return row


def rest(mailing: Mailing, why: str, *, by: Actor | None = None) -> Mailing:
    """It pauses, and says why; whoever started it is told, unless they paused it themselves."""
    with change(mailing, by=by or system()) as c:
        if c.row.state == MailingState.SENDING:
            c.row.state, c.row.problem = MailingState.PAUSED, why[:500]
            c.says(MailingPaused(c.row.name, why[:200]))
    if by is None:
        _tell(c.row, _("The mailing “%(name)s” rests: %(why)s") % {"name": c.row.name, "why": why})
    return c.row


def finish(mailing: Mailing) -> None:
    """Nobody waits any more."""
    counts = Recipient.objects.filter(mailing=mailing)
    sent = counts.filter(state=RecipientState.SENT).count()
    with change(mailing, by=system()) as c:
        if c.row.state != MailingState.SENDING:  # somebody paused or cancelled it in this very moment
            return
        c.row.state, c.row.ended_at, c.row.problem = MailingState.SENT, timezone.now(), ""
        c.says(MailingEnded(c.row.name, sent, counts.exclude(state=RecipientState.SENT).count()))
    _tell(c.row, _("The mailing “%(name)s” is sent: %(n)s people got it.") % {"name": c.row.name, "n": f"{sent:,}"})


def begin_due() -> int:
    """Begin what was scheduled for now; what cannot begin goes back to the draft and says why."""
    due = Mailing.objects.filter(state=MailingState.SCHEDULED, send_at__lte=timezone.now(), archived_at__isnull=True)
    rows = list(due.select_related("template", "purpose", "owner", "started_by"))
    for row in rows:
        try:
            begin(row, by=actor_of(row), started_by=row.started_by)
        except Invalid as problem:
            with change(row, by=system()) as c:
                c.row.state, c.row.send_at, c.row.problem = MailingState.DRAFT, None, problem.message[:500]
                c.says(MailingPaused(c.row.name, problem.message[:200]))
            _tell(
                row, _("The mailing “%(name)s” could not begin: %(why)s") % {"name": row.name, "why": problem.message}
            )
    return len(rows)


def _tell(mailing: Mailing, words: str) -> None:
    who = mailing.started_by or mailing.owner
    if who is not None:
        key = f"mailing:{mailing.pk}:{mailing.version}"
        notify([who], words, kind="mailing", key=key, by=system(), about=("mailing", mailing.pk))
