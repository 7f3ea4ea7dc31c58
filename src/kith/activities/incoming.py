"""Filing what arrives: on the conversation that it answers, else with the person or company who wrote.

Mail from a colleague's own address is filed as sent by them to those outside. What a machine answered stands on the story
and counts as nothing. Strangers are left to whoever takes them in, who then calls `file_for`.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from email.utils import parseaddr
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from kith.activities.events import MailAutoReplied, MailReceived, MailWritten
from kith.activities.mail import about_of, refs_of, tell
from kith.activities.models import Message, MessageFile, MessageState, Thread
from kith.activities.whose import around, company_of, hold_together, is_us, of_us, person_of, row_of
from kith.kernel.access.actor import Actor, system
from kith.kernel.errors import Invalid, NotFound
from kith.kernel.files.storage import store
from kith.kernel.mail.addresses import to_us
from kith.kernel.mail.arriving import bytes_of
from kith.kernel.mail.models import Arrived, ArrivedState, Mailbox
from kith.kernel.mail.parsed import Address, Attachment, Parsed
from kith.kernel.mail.reading import read
from kith.kernel.mail.working import Filed, settle
from kith.kernel.records.registry import registry
from kith.kernel.timeline.followup import touch

MOST_FILES = 50


@dataclass(frozen=True)
class Taken:
    """What became of a mail: how it is settled, the message that this arrival was filed as (None where it was not, or came
    before), the person it is from, and whether it joined a conversation that was there."""

    done: Filed
    message: Message | None = None
    person: Any = None
    joined: bool = False


def file(arrived: Arrived, parsed: Parsed, mailbox: Mailbox | None) -> Filed | None:
    """The filer of people and their stories; None for mail of somebody nobody knows."""
    taken = take(arrived, parsed, mailbox)
    return taken.done if taken is not None else None


def take(arrived: Arrived, parsed: Parsed, mailbox: Mailbox | None) -> Taken | None:
    """The same, for rooms that add to what is filed. The conversation is held (`hold_together`)."""
    colleague, ours = of_us(parsed.sender.address)
    if ours:
        return _from_us(arrived, parsed, colleague)
    known, thread = around(parsed)
    person = person_of(parsed.sender.address)
    sender = person or company_of(parsed.sender)
    if thread is None and sender is None:
        return None
    many = parsed.automatic == "bulk" and thread is None and not to_us(parsed, mailbox)
    quiet = many or parsed.automatic == "auto-replied"
    state = MessageState.AUTOMATIC if quiet else MessageState.RECEIVED
    message = _keep(arrived, parsed, known, thread or _thread_about(sender, parsed), state, writer=person)
    return _taken(message, arrived, person, joined=thread is not None)


def _taken(message: Message, arrived: Arrived, person: Any = None, *, joined: bool = False) -> Taken:
    if message.arrived != arrived.pk:
        return Taken(_known(message))
    return Taken(_filed(message), message, person, joined)


def file_for(arrived_id: int, person: Any, by: Actor) -> Message:
    """File an arrival that waited as mail of this person, who may be new: whoever reviews strangers calls this. Filing it
    again gives the same message. Raises NotFound where `by` may not see the person, Invalid where its bytes are gone."""
    person = registry["person"].get(by, person.pk)
    with transaction.atomic():
        arrived = Arrived.objects.select_for_update(of=("self",)).filter(pk=arrived_id).first()
        if arrived is None:
            raise NotFound(_("The message itself is not here any more."))
        done = Message.objects.filter(arrived=arrived.pk).first()
        if done is not None:
            return _handed_on(done, person)
        parsed = read(bytes_of(arrived))
        hold_together(parsed)
        known, thread = around(parsed)
        message = _keep(
            arrived,
            parsed,
            known,
            thread or _thread_about(person, parsed),
            MessageState.RECEIVED,
            writer=person_of(parsed.sender.address),
        )
        settle(arrived, _filed(message))
    return message


def _handed_on(message: Message, person: Any) -> Message:
    """Filed before with somebody who was put away since (a review was taken back): the conversation is this person's now."""
    before = message.thread.person
    if before is not None and before.pk != person.pk and before.archived_at is not None:
        Thread.objects.filter(pk=message.thread_id).update(**about_of("person", person))
        message.refresh_from_db()
        sender = parseaddr(message.sender)
        tell(
            message,
            MailReceived(message=message.pk, subject=message.subject),
            name=sender[0] or sender[1],
            at=message.at,
        )
        touch(dict.fromkeys(refs_of(message.thread), message.at))
    return message


def _thread_about(row: Any, parsed: Parsed) -> Thread:
    record = registry.by_model(type(row))
    assert record is not None
    return Thread(subject=parsed.subject, **about_of(record.name, row))


def _from_us(arrived: Arrived, parsed: Parsed, colleague: Any) -> Taken:
    """A colleague wrote from elsewhere, and Kith got a copy."""
    outside = [address for address in parsed.receivers if not is_us(address.address)]
    if not outside:
        return Taken(Filed(ArrivedState.IGNORED, _("Colleagues wrote to each other.")))
    known, thread = around(parsed)
    found = next((row for row in map(row_of, outside) if row is not None), None) if thread is None else None
    if thread is None and found is None:
        named = ", ".join(a.address for a in outside[:3])
        return Taken(Filed(ArrivedState.HELD, _("A colleague wrote to somebody nobody knows: %s.") % named))
    thread = thread or _thread_about(found, parsed)
    return _taken(_keep(arrived, parsed, known, thread, MessageState.SENT, colleague), arrived)


def _keep(
    arrived: Arrived,
    parsed: Parsed,
    known: Message | None,
    thread: Thread,
    state: str,
    colleague: Any = None,
    *,
    writer: Any = None,
) -> Message:
    """The message in its thread, told on the stories; the one that is there where it came before. known: the one under its
    Message-ID; writer: the person who wrote, where we know them."""
    if known is not None and _same(known, parsed):
        return known
    own_id = parsed.message_id if parsed.message_id and known is None else f"<arrived.{arrived.pk}@kith.invalid>"
    thread.last_at = max(thread.last_at, arrived.at) if thread.pk else arrived.at
    thread.save()
    message = Message.objects.create(
        thread=thread, state=state, at=arrived.at, sender=_shown(parsed.sender)[:320], to=[a.address for a in parsed.to],
        cc=[a.address for a in parsed.cc], subject=parsed.subject, text=parsed.text, fresh=parsed.fresh, html=parsed.html,
        reply_to=[a.address for a in parsed.reply_to], arrived=arrived.pk, message_id=own_id,
        in_reply_to=parsed.in_reply_to, references=list(parsed.references), author=colleague, problem=parsed.problem[:500],
    )  # fmt: skip
    _keep_files(message, parsed.attachments)
    _tell(message, parsed, colleague, writer)
    return message


def _same(known: Message, parsed: Parsed) -> bool:
    """Is it the message we have under this Message-ID? Whoever makes up an id that is taken shall not hide mail behind it."""
    return parsed.sender.address in known.sender.lower() and known.text.strip() == parsed.text.strip()


def _shown(address: Address) -> str:
    """For people: the name in its own letters, in quotation marks where it holds what parts addresses."""
    name = address.name.replace('"', "'").replace("\\", "")
    quoted = f'"{name}"' if any(c in name for c in ',;:<>@()[]"') else name
    return f"{quoted} <{address.address}>" if name else address.address


def _tell(message: Message, parsed: Parsed, colleague: Any, writer: Any) -> None:
    """On whose stories it stands: the thread's, and the sender's own where the thread is about somebody else (a colleague of the
    customer joined in)."""
    also: list[tuple[str, int]] = []
    if message.state != MessageState.SENT and writer is not None and writer.pk != message.thread.person_id:
        also = [("person", writer.pk)]
    if message.state == MessageState.SENT:
        event: Any = MailWritten(message=message.pk, subject=message.subject)
        who = colleague.name if colleague is not None else parsed.sender.name or parsed.sender.address
        wrote = colleague.pk if colleague is not None and not parsed.automatic else None
        tell(message, event, name=who, colleague=wrote, at=message.at)
    else:
        kind = MailReceived if message.state == MessageState.RECEIVED else MailAutoReplied
        event = kind(message=message.pk, subject=message.subject)
        if isinstance(event, MailReceived):
            event = replace(event, thread=message.thread_id, answers=parsed.answers)
        tell(message, event, name=parsed.sender.name or parsed.sender.address, at=message.at, also=also)
    if message.state != MessageState.AUTOMATIC:
        touch(dict.fromkeys([*refs_of(message.thread), *also], message.at))


def _keep_files(message: Message, attachments: tuple[Attachment, ...]) -> None:
    """Files that somebody attached, kept with the row; pictures of a signature stay in the message."""
    record, pk = refs_of(message.thread)[0]
    wanted = [a for a in attachments if not a.inline]
    for attached in wanted[:MOST_FILES]:
        kept, problem = None, ""
        try:
            upload = io.BytesIO(attached.content)
            upload.name = attached.name
            kept = store(upload, record_type=record, record_id=pk, by=system("mail"))
        except Invalid as refused:
            problem = refused.message
        MessageFile.objects.create(message=message, file=kept, name=attached.name[:255], problem=problem[:500])
    if len(wanted) > MOST_FILES:
        message.problem = _("It has %(n)s files; %(most)s of them were kept.") % {"n": len(wanted), "most": MOST_FILES}
        message.save(update_fields=["problem"])


def _filed(message: Message) -> Filed:
    record, pk = refs_of(message.thread)[0]
    return Filed(ArrivedState.FILED, message.problem, record, pk)


def _known(message: Message) -> Filed:
    return replace(_filed(message), state=ArrivedState.IGNORED, why=_("The same message came before."))


def kept_files(message: Message) -> list[Any]:
    """The files that came with a message and were kept."""
    rows = MessageFile.objects.filter(message=message, file__isnull=False).select_related("file")
    return [row.file for row in rows.order_by("pk")]
