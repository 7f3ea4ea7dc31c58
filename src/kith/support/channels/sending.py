"""Answers that go out by a channel: one signed call to its gateway each, tried again with growing pauses, given up visibly."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext as _

from kith.activities.notices import notify
from kith.kernel import jsontext, outgoing
from kith.kernel.access.actor import system
from kith.kernel.errors import Invalid
from kith.kernel.jobs import enqueue
from kith.kernel.outgoing import PAUSES, CallFailed
from kith.support.channels.models import Channel, Passage, Passed, Writer
from kith.support.models import Entry, Ticket
from kith.support.routing import NOTICE
from kith.support.saying import seen

JOB = "channels.send"


def secret_of(channel: Channel) -> str:
    """By which calls from its gateway are known, and ours to it signed."""
    return outgoing.derived_secret("chn_", f"kith.channel:{channel.pk}:{channel.secret_round}")


def put_out(entry: Entry, writer: Writer) -> Passed:
    """Have an answer sent once this transaction is committed."""
    row = Passed.objects.create(entry=entry, writer=writer, state=Passage.WAITS)
    enqueue(JOB, key=f"{JOB}:{row.pk}", passed=row.pk)
    return row


def send(pk: int) -> None:
    """Send one; twice sends nothing the second time."""
    rows = Passed.objects.select_related("entry__ticket", "entry__author", "writer__channel")
    row = rows.filter(pk=pk, state=Passage.WAITS).first()
    if row is None:
        return
    try:
        _call(row)
    except Invalid as problem:
        _failed(row, problem.message, again=False)
    except CallFailed as problem:
        _failed(row, str(problem), again=True)
    else:
        row.state, row.problem, row.sent_at = Passage.SENT, "", timezone.now()
        row.save(update_fields=["state", "problem", "sent_at"])
        seen(row.entry.ticket)


def _call(row: Passed) -> None:
    """The entry's number stands in it as its id, by which a gateway that is told twice knows that it was."""
    channel = row.writer.channel
    if not channel.active or channel.archived_at is not None or not channel.gateway:
        raise Invalid(_("The channel “%s” is not in use any more.") % channel.name)
    told = {"id": str(row.entry_id), "to": row.writer.address, "text": row.entry.text, "ticket": row.entry.ticket_id}
    body = jsontext.encode(told).encode()
    signed = {"Kith-Delivery": str(row.entry_id), "Kith-Signature": outgoing.signed(secret_of(channel), body)}
    outgoing.post(channel.gateway, body, {"Content-Type": "application/json", **signed})


def _failed(row: Passed, why: str, *, again: bool) -> None:
    row.problem, row.tries = why[:500], row.tries + 1
    if again and row.tries <= len(PAUSES):
        enqueue(JOB, key=f"{JOB}:{row.pk}", at=PAUSES[row.tries - 1], passed=row.pk)
    else:
        row.state = Passage.FAILED
        _tell(row)
    row.save(update_fields=["problem", "tries", "state"])
    seen(row.entry.ticket)


def _tell(row: Passed) -> None:
    """Whoever wrote it hears that the customer has not read it."""
    author = row.entry.author
    if author is not None and author.is_active:
        words = _("Your answer to “%(ticket)s” did not go out by %(channel)s: %(why)s") % {
            "ticket": row.entry.ticket.subject, "channel": row.writer.channel, "why": row.problem}  # fmt: skip
        key = f"channels.failed:{row.pk}:{row.tries}"
        notify([author], words, kind=NOTICE, key=key, by=system("job"), about=("ticket", row.entry.ticket_id))


def send_again(ticket: Ticket) -> int:
    """Answers of this ticket that were given up, or wait for their next try, are tried now; returns how many."""
    rows = list(Passed.objects.filter(entry__ticket=ticket, state__in=[Passage.FAILED, Passage.WAITS], tries__gt=0))
    Passed.objects.filter(pk__in=[row.pk for row in rows]).update(state=Passage.WAITS, tries=0)
    for row in rows:
        enqueue(JOB, passed=row.pk)
    return len(rows)
