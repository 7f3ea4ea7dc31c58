"""What their calendar answers to an invitation (METHOD:REPLY by mail) is noted on the meeting.

Only an answer in the name of who was invited, sent by them, counts: whoever knows a meeting's UID still is not its guest.
"""

from __future__ import annotations

from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from kith.activities.notices import notify
from kith.engagement.meetings import events
from kith.engagement.meetings.booking import when_of
from kith.engagement.meetings.invitation import Reply, replies
from kith.engagement.meetings.models import Answer, Booking
from kith.kernel.access.actor import system
from kith.kernel.mail.models import Arrived, ArrivedState, Mailbox
from kith.kernel.mail.parsed import Parsed
from kith.kernel.mail.working import Filed
from kith.kernel.timeline.change import change

KIND = "meeting"


def file(arrived: Arrived, parsed: Parsed, mailbox: Mailbox | None) -> Filed | None:
    """The filer of answers to invitations; None for all other mail."""
    for part in parsed.attachments:
        if part.content_type not in ("text/calendar", "application/ics"):
            continue
        for reply in replies(part.content):
            row = _booking(reply, parsed)
            if row is not None:
                _note(row, reply)
                return Filed(ArrivedState.FILED, "", "booking", row.pk)
    return None


def _booking(reply: Reply, parsed: Parsed) -> Booking | None:
    try:
        uid = UUID(reply.uid.partition("@")[0])
    except ValueError:
        return None
    row = Booking.objects.select_related("page", "host").filter(uid=uid).first()
    if row is None or row.email.lower() != reply.address or parsed.sender.address != reply.address:
        return None
    return row


def _note(row: Booking, reply: Reply) -> None:
    """An answer to an earlier time says nothing about the one that holds now."""
    told = getattr(row, "told", None)
    if told is not None and reply.number < told.number:
        return
    by = system("mail", name=row.name[:200])
    with change(row, by=by) as c:
        if c.row.reply == reply.answer:
            return
        c.row.reply, c.row.replied_at = reply.answer, timezone.now()
        c.says(events.MeetingAnswered(answer=str(Answer(reply.answer).label)))
    if reply.answer == Answer.DECLINED:
        words = _("%(who)s declined the meeting on %(when)s") % {"who": row.name, "when": when_of(row)}
        notify(
            [row.host],
            words,
            kind=KIND,
            key=f"booking:{row.pk}:declined:{row.version}",
            by=by,
            about=("booking", row.pk),
        )
