"""One-to-one mail: written into the story first, then handed to a server; threads by headers.

Until a mail server is configured (KITH_EMAIL_URL) a message stays in the outbox, which says that it was not sent.
A sent mail cannot be taken back, so writing one is no operation that offers undo.
"""

from __future__ import annotations

from email.utils import formataddr, make_msgid
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from kith.activities.events import MailFailed, MailSent, MailWritten
from kith.activities.models import Message, MessageState, Thread
from kith.kernel.access.actor import Actor, system
from kith.kernel.accounts.queries import address_of
from kith.kernel.errors import Invalid
from kith.kernel.jobs import enqueue, once
from kith.kernel.organisation.models import current
from kith.kernel.records.registry import registry
from kith.kernel.timeline.change import change
from kith.kernel.timeline.followup import touch

DUMMY = "django.core.mail.backends.dummy.EmailBackend"
MOST_RECIPIENTS = 20  # one-to-one mail; more is a campaign, with consent and unsubscribing


def can_send() -> bool:
    """Is a mail server configured?"""
    return bool(settings.EMAIL_BACKEND != DUMMY)


def write_mail(
    row: Any, *, to: list[str], subject: str, text: str, by: Actor, answers: Message | None = None
) -> Message:
    """A mail about `row` (person, company or deal), queued or kept in the outbox. Raises Invalid.

    answers: the message this replies to; the new one joins its thread and names it in its headers.
    """
    subject = " ".join(subject.split())  # a line break here would begin a header of its own
    if not text.strip():
        raise Invalid(_("Write something first."), "body")
    if len(to) > MOST_RECIPIENTS:
        raise Invalid(_("A mail goes to at most %s addresses; more is a campaign.") % MOST_RECIPIENTS, "to")
    record = registry.by_model(type(row))
    assert record is not None
    state = MessageState.QUEUED if can_send() else MessageState.OUTBOX
    with change(row, by=by, verb="see") as c:
        thread = answers.thread if answers else Thread.objects.create(subject=subject, **_about(record.name, c.row))
        message = Message.objects.create(
            thread=thread, state=state, sender=sender(by), to=to, subject=subject, text=text, author_id=by.user_id,
            message_id=make_msgid(domain="kith.invalid"), in_reply_to=answers.message_id if answers else "",
            references=[*answers.references, answers.message_id] if answers else [],
        )  # fmt: skip
        thread.last_at = message.at
        thread.save(update_fields=["last_at"])
        c.says(MailWritten(message=message.pk, subject=subject))
        for name, pk in _refs(thread):
            c.about(name, pk)
    if state == MessageState.QUEUED:
        enqueue("activities.send_mail", message=message.pk)
    return message


def _about(name: str, row: Any) -> dict[str, Any]:
    found: dict[str, Any] = {name: row}
    if name == "deal":
        found |= {"person": row.contact, "company": row.company}
    if name == "person":
        found["company"] = row.company
    return {k: v for k, v in found.items() if v is not None}


def _refs(thread: Thread) -> list[tuple[str, int]]:
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
    that the job is tried again."""
    with once(f"mail:{message_id}") as first:
        message = Message.objects.select_for_update().get(pk=message_id)
        if not first or message.state == MessageState.SENT:
            return
        message.attempts += 1
        _hand_over(message)
        message.state, message.at, message.problem = MessageState.SENT, timezone.now(), ""
        message.save(update_fields=["state", "at", "problem", "attempts"])
        refs = _refs(message.thread)
        _tell(message, MailSent(message=message.pk, subject=message.subject))
        touch(dict.fromkeys(refs, message.at))


def _hand_over(message: Message) -> None:
    headers = {"Message-ID": message.message_id}
    if message.in_reply_to:
        headers |= {"In-Reply-To": message.in_reply_to, "References": " ".join(message.references[-20:])}
    reply_to = [address_of(message.author_id)] if message.author_id else []
    mail = EmailMessage(
        message.subject, message.text, message.sender, message.to, cc=message.cc, headers=headers,
        reply_to=[a for a in reply_to if a], connection=get_connection(),
    )  # fmt: skip
    mail.send(fail_silently=False)


def failed(message_id: int, problem: str) -> None:
    """The last try failed: say so in the story and in the outbox, where it can be tried again."""
    with transaction.atomic():
        message = Message.objects.select_for_update().get(pk=message_id)
        if message.state == MessageState.SENT:
            return
        message.state, message.problem = MessageState.FAILED, problem[:500]
        message.save(update_fields=["state", "problem"])
        _tell(message, MailFailed(message=message.pk, subject=message.subject, problem=problem[:200]))


def _tell(message: Message, event: Any) -> None:
    refs = _refs(message.thread)
    name, pk = refs[0]
    row = registry[name].model._default_manager.get(pk=pk)
    with change(row, by=system("mail", name=current().name or "Kith")) as c:
        c.says(event)
        for record, other in refs[1:]:
            c.about(record, other)


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


def discard(message: Message, *, by: Actor) -> None:
    """Take an unsent message out of the outbox; the story keeps that it was written."""
    if message.author_id != by.user_id and not by.can("settings.manage"):
        raise Invalid(_("Only its writer may discard a message."))
    Message.objects.filter(pk=message.pk, state__in=[MessageState.OUTBOX, MessageState.FAILED]).update(
        state=MessageState.FAILED, problem=_("Discarded by %s.") % by.name
    )
