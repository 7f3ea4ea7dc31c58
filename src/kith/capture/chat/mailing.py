"""A chat that nobody can answer now turns into mail, and nothing of it is lost.

It arrives as a letter would: kept whole among what arrived, filed on the story of whoever wrote, answered by mail; while it
is unsure who they are, it waits in the queue with what they wrote. The visitor gets a copy, to which they can answer.
"""

from __future__ import annotations

import datetime as dt
from email.message import EmailMessage as Letter
from email.policy import SMTP
from email.utils import format_datetime, formataddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from kith.activities.incoming import file_for
from kith.capture.ack import MACHINES, MOST_A_DAY
from kith.capture.chat import saying
from kith.capture.chat.events import WentToMail
from kith.capture.chat.matters import mark_of
from kith.capture.chat.models import Conversation, Side, State
from kith.capture.chat.queries import lines_of, shown_of
from kith.capture.chat.thread import transcript
from kith.kernel.access.actor import Actor, system
from kith.kernel.accounts.mail import is_configured
from kith.kernel.errors import Invalid
from kith.kernel.jobs import enqueue, once
from kith.kernel.languages import speaking
from kith.kernel.mail.addresses import new_message_id
from kith.kernel.mail.arriving import take_in
from kith.kernel.mail.leaving import leave
from kith.kernel.organisation.models import current
from kith.kernel.text import brief
from kith.kernel.timeline.change import change

OURS = "webmaster@localhost"


def ask_address(row: Conversation) -> None:
    """Nobody is there: ask where the answer may go, once."""
    widget = shown_of(row)
    with speaking(row.language), change(row, by=system("web"), verb="see") as c:
        if c.row.asked_mail or c.row.email:
            return
        words = widget.chat.text(widget.chat.away, row.language) if widget else ""
        words = words or _("Nobody is free right now. Leave your address, and we will answer you by mail.")
        saying.put(c.row, Side.NOTE, words, name=organisation(), ask={"who": True})
        c.row.asked_mail = True


def to_mail(row: Conversation) -> None:
    """The conversation goes on by mail, to the address that was given. Does nothing where none was."""
    with speaking(row.language), change(row, by=system("web"), verb="see") as c:
        held = c.row
        if not held.email or held.by_mail:
            return
        saying.put(held, Side.NOTE, _("We have it, and answer you by mail to %s.") % held.email, name=organisation())
        held.state, held.by_mail, held.asked_mail = State.CLOSED, True, True
        held.closed_at, held.waiting_since = timezone.now(), None
        c.says(WentToMail())
    if c.row.person_id is not None:
        file(c.row, by=system("web"))
    enqueue("chat.copy", conversation=row.pk)


def file(row: Conversation, *, by: Actor) -> None:
    """File what was not mailed yet as a letter of the person it is with; again it files nothing."""
    with transaction.atomic(), change(row, by=by, verb="see") as c:
        held = c.row
        new = lines_of(held.pk, held.mailed)
        if not any(line.side == Side.VISITOR for line in new) or held.person is None:
            return
        arrived = take_in(letter(held, new), at=new[-1].at)
        file_for(arrived.pk, held.person, by)
        held.mailed = held.said


def letter(row: Conversation, lines: list[Any]) -> bytes:
    """What was said, as the mail that the visitor would have written. Names and subjects are one line, whatever was typed."""
    made = Letter(policy=SMTP)
    made["From"] = formataddr((_line(row.name), _line(row.email)))
    made["To"] = _line(_own_address())
    made["Subject"] = subject_of(row, lines)
    made["Date"] = format_datetime(lines[-1].at)
    made["Message-ID"] = letter_id(row, lines[-1].number)
    if row.mailed:
        made["In-Reply-To"] = made["References"] = letter_id(row, row.mailed)
    made.set_content(transcript(row, lines), cte="quoted-printable")
    return made.as_bytes()


def letter_id(row: Conversation, number: int) -> str:
    """The Message-ID of the letter that ends with this line; the same whenever it is asked for."""
    domain = new_message_id().rpartition("@")[2].rstrip(">")
    return f"<chat.{row.pk}.{number}@{domain}>"


def subject_of(row: Conversation, lines: list[Any]) -> str:
    first = next((line.text for line in lines if line.side == Side.VISITOR), "")
    return brief(_line(first), 80) or _("Your chat with us")


def _line(words: str) -> str:
    """On one line, without what would begin a header of its own."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in words).split())


def _own_address() -> str:
    given = str(getattr(settings, "DEFAULT_FROM_EMAIL", "") or "")
    return given if given and given != OURS else "chat@localhost"


def organisation() -> str:
    return current().name or "Kith"


def send_copy(conversation: int) -> bool:
    """Send the visitor what was said, once for a conversation; False where nothing may leave. Raises OSError when the server refuses."""
    row = Conversation.objects.select_related("person").filter(pk=conversation).first()
    if row is None or not row.by_mail or not is_configured() or not _may_send(row):
        return False
    with once(f"chat.copy:{conversation}") as first:
        if not first:
            return False
        try:
            leave(copy_of(row), person=row.person_id, automatic=True)
        except Invalid:  # the address bounced or complained before: nothing leaves
            return False
    return True


def _may_send(row: Conversation) -> bool:
    """Never to machines, and seldom to one address, so that nobody can use a chat to pester somebody else."""
    day = timezone.now() - dt.timedelta(days=1)
    same = Conversation.objects.filter(email__iexact=row.email, by_mail=True, closed_at__gte=day)
    return not MACHINES.match(row.email) and same.count() <= MOST_A_DAY


def copy_of(row: Conversation) -> EmailMessage:
    """ "We have it", with everything that was said; an answer to it joins the same conversation."""
    lines = lines_of(row.pk)
    with speaking(row.language):
        text = _("Thank you for talking to us. We answer by mail; here is what was said.\n\n%(said)s\n\n%(who)s") % {
            "said": transcript(row, lines), "who": organisation()}  # fmt: skip
        subject = f"Re: {subject_of(row, lines)} {mark_of(row)}".rstrip()
    headers = {"References": letter_id(row, row.mailed)} if row.mailed else {}
    return EmailMessage(_line(subject), text, to=[row.email], headers=headers)
