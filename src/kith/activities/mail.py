"""One-to-one mail: written into the story first, then handed to a server; threads by headers.

Until a mail server is configured (KITH_EMAIL_URL) a message stays in the outbox, which says that it was not sent.
A sent mail cannot be taken back, so writing one is no operation that offers undo.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from email.utils import formataddr, parseaddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from kith.activities.events import MailFailed, MailSent, MailWritten
from kith.activities.models import Message, MessageState, Thread
from kith.activities.privacy import level_of
from kith.kernel.access.actor import Actor, system
from kith.kernel.accounts.queries import address_of
from kith.kernel.errors import Invalid
from kith.kernel.jobs import enqueue, once
from kith.kernel.mail.addresses import new_message_id, reply_address
from kith.kernel.mail.headers import normal
from kith.kernel.mail.leaving import Receiver, leave, withheld
from kith.kernel.mail.levels import Level
from kith.kernel.organisation.models import current
from kith.kernel.records.registry import registry
from kith.kernel.timeline.change import change
from kith.kernel.timeline.followup import touch
from kith.kernel.timeline.models import Event

CAME = (MessageState.RECEIVED, MessageState.AUTOMATIC)
_ANSWER = re.compile(r"(?:re|aw|antw|antwort|sv|vs|r|rif|odp|res|ynt)(?:\[\d+\])?\s*:\s*", re.IGNORECASE)
DUMMY = "django.core.mail.backends.dummy.EmailBackend"
LONGEST_NAME = 200  # characters of a name beside an event
_dressers: list[Callable[[int, EmailMultiAlternatives], str | None]] = []
MOST_RECIPIENTS = 20  # one-to-one mail; more is a campaign, with consent and unsubscribing


def register_dresser(dress: Callable[[int, EmailMultiAlternatives], str | None]) -> None:
    """Let a room add to mails as they leave: `dress(message id, mail)` attaches an HTML part or files, if it has any, and
    says what people must have agreed to for it (the key of a purpose), if anything."""
    _dressers.append(dress)


def can_send() -> bool:
    """Is a mail server configured?"""
    return bool(settings.EMAIL_BACKEND != DUMMY)


def write_mail(
    row: Any,
    *,
    to: list[str],
    subject: str,
    text: str,
    by: Actor,
    answers: Message | None = None,
    cc: Sequence[str] = (),
) -> Message:
    """A mail about `row` (person, company or deal), queued or kept in the outbox. Raises Invalid.

    cc: who reads it besides. answers: the message this replies to; the new one joins its thread and names it in its headers.
    """
    subject = " ".join(subject.split())  # a line break here would begin a header of its own
    if not text.strip():
        raise Invalid(_("Write something first."), "body")
    if len(to) + len(cc) > MOST_RECIPIENTS:
        raise Invalid(_("A mail goes to at most %s addresses; more is a campaign.") % MOST_RECIPIENTS, "to")
    _check_receivers([*to, *cc])
    record = registry.by_model(type(row))
    assert record is not None
    state = MessageState.QUEUED if can_send() else MessageState.OUTBOX
    with change(row, by=by, verb="see") as c:
        thread = answers.thread if answers else Thread.objects.create(subject=subject, **about_of(record.name, c.row))
        message = Message.objects.create(
            thread=thread, state=state, sender=sender(by), to=to, cc=list(cc), subject=subject, text=text, author_id=by.user_id,
            message_id=new_message_id(), in_reply_to=answers.message_id if answers else "",
            references=[*answers.references, answers.message_id] if answers else [],
        )  # fmt: skip
        thread.last_at = message.at
        thread.save(update_fields=["last_at"])
        c.says(MailWritten(message=message.pk, subject=subject))
        for name, pk in refs_of(thread):
            c.about(name, pk)
    if state == MessageState.QUEUED:
        enqueue("activities.send_mail", message=message.pk)
    return message


def answerable(row: Any, pk: int, by: Actor) -> Message:
    """The message on this row's story that somebody wants to answer. Raises Invalid for any other."""
    message = on_story(row, pk)
    if message is None or level_of(by, [message])[pk] != Level.FULL:
        raise Invalid(_("There is no mail %s here that could be answered.") % pk, "answers")
    return message


def on_story(row: Any, pk: int) -> Message | None:
    """That message, with its conversation, if it is on the story of this row."""
    message = Message.objects.select_related("thread").filter(pk=pk).first() if pk < 2**63 else None
    record = registry.by_model(type(row))
    return message if message is not None and record is not None and stands_on(message, record.name, row.pk) else None


def stands_on(message: Message, record: str, pk: int) -> bool:
    """Is this message on the story of that row?"""
    if (record, pk) in refs_of(message.thread):
        return True
    told = {"message": message.pk}
    return Event.objects.filter(
        links__record=record, links__record_id=pk, verb__startswith="mail.", payload__contains=told
    ).exists()


def answers_to(message: Message) -> str:
    """Where an answer to this message goes: where it asks for, else to whoever wrote it, or (our own) to whom we wrote."""
    if message.state not in CAME:
        return str(next(iter(message.to), ""))
    return normal(next(iter(message.reply_to), "")) or normal(parseaddr(message.sender)[1])


def came_note(message: Message) -> str:
    """Who wrote a mail that came in, and to whom beside us."""
    said = _("From %(who)s to %(to)s.") % {
        "who": message.sender,
        "to": ", ".join([*message.to, *message.cc][:5]) or "–",
    }
    return f"{said} {message.problem}".strip()


def answer_subject(subject: str) -> str:
    """The subject of an answer: one "Re:", whatever stood before."""
    words = subject.strip()
    while (begun := _ANSWER.match(words)) is not None:
        words = words[begun.end() :].strip()
    return f"Re: {words}"[:300]


def _check_receivers(to: list[str]) -> None:
    """Whoever may not be written to is said before anything is written down. Raises Invalid."""
    if refused := withheld([Receiver(address.lower()) for address in to]):
        raise Invalid(" ".join(refused.values()), "to")


def about_of(name: str, row: Any) -> dict[str, Any]:
    """What a new thread about this row is about, as values of `Thread`."""
    found: dict[str, Any] = {name: row}
    if name == "deal":
        found |= {"person": row.contact, "company": row.company}
    if name == "person":
        found["company"] = row.company
    return {k: v for k, v in found.items() if v is not None}


def refs_of(thread: Thread) -> list[tuple[str, int]]:
    """The rows on whose stories a thread stands."""
    links = (("person", thread.person_id), ("company", thread.company_id), ("deal", thread.deal_id))
    return [(name, pk) for name, pk in links if pk]


def sender(by: Actor) -> str:
    """The colleague's name with the organisation's address, or their own where none is configured."""
    own = address_of(by.user_id)
    address = getattr(settings, "DEFAULT_FROM_EMAIL", "") if can_send() else own
    if not address or address == "webmaster@localhost":
        address = own or "nobody@localhost"
    return formataddr((by.name, address))


def send(message_id: int) -> None:
    """Hand a queued message to the mail server, once. A refusal by the server is kept with the message and raised, so
    that the job is tried again; Invalid is raised where nobody it is for may be written to."""
    with once(f"mail:{message_id}") as first:
        message = Message.objects.select_for_update().get(pk=message_id)
        if not first or message.state == MessageState.SENT:
            return
        message.attempts += 1
        left_out = _hand_over(message)
        message.state, message.at = MessageState.SENT, timezone.now()
        message.problem = " ".join(left_out.values())[:500]
        message.save(update_fields=["state", "at", "problem", "attempts"])
        refs = refs_of(message.thread)
        tell(message, MailSent(message=message.pk, subject=message.subject))
        touch(dict.fromkeys(refs, message.at))


def _hand_over(message: Message) -> dict[str, str]:
    headers = {"Message-ID": message.message_id}
    if message.in_reply_to:
        headers |= {"In-Reply-To": message.in_reply_to, "References": " ".join(message.references[-20:])}
    answers_to = reply_address(message.author_id) or (address_of(message.author_id) if message.author_id else "")
    mail = EmailMultiAlternatives(
        message.subject, message.text, message.sender, message.to, cc=message.cc, headers=headers,
        reply_to=[answers_to] if answers_to else [], connection=get_connection(),
    )  # fmt: skip
    purposes = [dress(message.pk, mail) for dress in _dressers]
    purpose = next(filter(None, purposes), "")
    return leave(mail, purpose=purpose, person=message.thread.person_id if purpose else None)


def failed(message_id: int, problem: str) -> None:
    """The last try failed: say so in the story and in the outbox, where it can be tried again."""
    with transaction.atomic():
        message = Message.objects.select_for_update().get(pk=message_id)
        if message.state == MessageState.SENT:
            return
        message.state, message.problem = MessageState.FAILED, problem[:500]
        message.save(update_fields=["state", "problem"])
        tell(message, MailFailed(message=message.pk, subject=message.subject, problem=problem[:200]))


def tell(
    message: Message,
    event: Any,
    *,
    name: str = "",
    colleague: int | None = None,
    at: dt.datetime | None = None,
    also: Iterable[tuple[str, int]] = (),
) -> None:
    """Say something on the stories that a message stands on. name: who did it, where it was not Kith; colleague: the id of
    the one who did, who need have no rights here; at: when; also: further rows that it concerns."""
    refs = refs_of(message.thread)
    if not refs:  # everybody it was about is gone for good
        return
    record, pk = refs[0]
    row = registry[record].model(pk=pk)  # `change` reads it, and holds it
    by = replace(system("mail", name=(name or current().name or "Kith")[:LONGEST_NAME]), user_id=colleague)
    with change(row, by=by, at=at) as c:
        c.says(event)
        for kind, other in (*refs[1:], *also):
            c.about(kind, other)


def try_again(message: Message, *, by: Actor) -> None:
    """Queue an unsent message once more. Raises Invalid while no mail server is configured."""
    if not can_send():
        raise Invalid(_("No mail server is set up; set KITH_EMAIL_URL and start Kith again."))
    with transaction.atomic():
        locked = Message.objects.select_for_update().get(pk=message.pk)
        if locked.state in (MessageState.OUTBOX, MessageState.FAILED):
            locked.state = MessageState.QUEUED
            locked.save(update_fields=["state"])
            enqueue("activities.send_mail", message=locked.pk)


def message_of(result: Any) -> int | None:
    """The id of the message that an action answered with, if it was one."""
    return result.pk if isinstance(result, Message) else None


def send_again(message: int, *, by: Actor) -> bool:
    """Queue a message once more that never left; whether it is one."""
    found = Message.objects.filter(pk=message, state=MessageState.FAILED).first()
    if found is not None:
        try_again(found, by=by)
    return found is not None


def discard(message: Message, *, by: Actor) -> None:
    """Take an unsent message out of the outbox; the story keeps that it was written."""
    if message.author_id != by.user_id and not by.can("settings.manage"):
        raise Invalid(_("Only its writer may discard a message."))
    Message.objects.filter(pk=message.pk, state__in=[MessageState.OUTBOX, MessageState.FAILED]).update(
        state=MessageState.FAILED, problem=_("Discarded by %s.") % by.name
    )
