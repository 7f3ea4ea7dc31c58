"""Mails about an account: invitations, links for a new password, notices of a change.

They leave after the answer, in a thread of their own, so that a slow mail server neither delays a page nor tells by
its delay that an address is known. They are not kept in the queue: each carries a secret that must not lie around.
"""

from __future__ import annotations

import logging
from threading import Thread

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import translation

from kith.kernel.accounts.models import User
from kith.kernel.errors import Invalid
from kith.kernel.mail.addresses import new_message_id
from kith.kernel.mail.leaving import INTERNAL, leave

log = logging.getLogger(__name__)


def is_configured() -> bool:
    """Whether mail can leave this installation; without it links are shown on the page instead."""
    return "dummy" not in settings.EMAIL_BACKEND


def invitation(user: User, link: str, *, by: User) -> EmailMessage:
    """The mail with which `by` asks `user` to choose a password, in the language of `user`."""
    context = {"user": user, "link": link, "by": by}
    with translation.override(user.language):
        subject = render_to_string("accounts/mail/invitation_subject.txt", context)
        body = render_to_string("accounts/mail/invitation_message.txt", context)
    return EmailMessage(" ".join(subject.split()), body.strip() + "\n", to=[user.email])


def send_later(message: EmailMessage) -> None:
    """Send once the surrounding transaction is committed; a failure is logged with the receiver, not the content."""
    if is_configured():
        # Here, for the thread below must not ask the database anything: its connection would stay open.
        message.extra_headers.setdefault("Message-ID", new_message_id())
        transaction.on_commit(lambda: Thread(target=send, args=(message,), daemon=False).start())


def send(message: EmailMessage) -> None:
    try:
        leave(message, purpose=INTERNAL, automatic=True)
    except (OSError, Invalid) as error:
        log.error("Mail “%s” to %s was not sent: %s", message.subject, ", ".join(message.to), error)
