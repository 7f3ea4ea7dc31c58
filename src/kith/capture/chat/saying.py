"""Writing down what is said: every line in its own short transaction, before anything answers it.

A visitor's line carries a key of their browser's: the same message sent again after a broken connection is the line that
is there.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from kith.capture.chat.events import CameBack, ChatBegun, HandedOver
from kith.capture.chat.models import Conversation, Line, Side, State
from kith.capture.chat.queries import Shown
from kith.kernel.access.actor import Actor, system
from kith.kernel.database.notify import announce
from kith.kernel.errors import Invalid
from kith.kernel.text import brief, clean_text
from kith.kernel.timeline.change import change

LISTENERS: list[Callable[[int], None]] = []
LONGEST, MOST_LINES, MOST_A_MINUTE = 4_000, 500, 20  # characters of a line; lines of a conversation, and in a minute


def visitor(row: Conversation | None = None) -> Actor:
    """Whoever sits at the other end."""
    return system("web", name=str(row) if row is not None else _("Visitor"))


def topic(pk: int) -> str:
    """What the visitor's browser hears."""
    return f"chat:{pk}"


def hears_lines(told: Callable[[int], None]) -> None:
    """Let another room hear that something was said in a conversation (its id), in the same transaction. Call it at start-up."""
    if told not in LISTENERS:
        LISTENERS.append(told)


def begin(widget: Shown, secret: str, **came: Any) -> Conversation:
    """The conversation that this browser made its secret for, begun now unless it was before. `came`: page, referrer, utm,
    language, network, agent, visitor."""
    found = Conversation.objects.filter(secret=secret).first()
    if found is not None:
        return found
    now = timezone.now()
    row = Conversation(
        widget_id=widget.pk, secret=secret, state=State.BOT if widget.chat.asks else State.WAITING,
        waiting_since=None if widget.chat.asks else now, last_at=now, **came,
    )  # fmt: skip
    row.name = _("Visitor %s") % secret[-4:].upper()
    try:
        with change(row, by=visitor()) as c:
            c.says(ChatBegun(page=row.page[:300]))
    except IntegrityError:  # the same message came twice at once, and the other one was first
        return Conversation.objects.get(secret=secret)
    return row


def put(
    row: Conversation, side: str, text: str, *, by: Actor | None = None, name: str = "", key: str | None = None, ask: Any = None
) -> Line:  # fmt: skip
    """Add a line to a conversation that the caller holds in `change`."""
    row.said += 1
    row.last_at = timezone.now()
    if side in (Side.VISITOR, Side.COLLEAGUE) or not row.last_words:
        row.last_words = brief(text, 280)
    line = Line.objects.create(
        conversation_id=row.pk, number=row.said, side=side, text=text, at=row.last_at, key=key, ask=ask or {},
        author_id=by.user_id if by else None, name=name or (by.name if by else ""),
    )  # fmt: skip
    announce(["conversation", f"conversation:{row.pk}", topic(row.pk)])
    for told in LISTENERS if side in (Side.VISITOR, Side.COLLEAGUE) else ():
        told(row.pk)
    return line


def say(row: Conversation, text: str, key: str) -> Line:
    """What a visitor said, written down once. Raises Invalid where it is empty, too long, too fast or too much."""
    text = clean_text(text).replace("\r\n", "\n").strip()
    if not text:
        raise Invalid(_("Write something first."))
    if len(text) > LONGEST:
        raise Invalid(_("This is too long: at most %s characters fit here.") % LONGEST)
    with transaction.atomic(), change(row, by=visitor(row), verb="see") as c:
        known = Line.objects.filter(conversation_id=row.pk, key=key).first()
        if known is not None:
            return known
        _refuse_flood(c.row)
        line = put(c.row, Side.VISITOR, text, name=c.row.name, key=key)
        if c.row.waiting_since is None and c.row.state != State.BOT:
            c.row.waiting_since = line.at
        if c.row.state == State.CLOSED:
            c.row.state, c.row.by_mail, c.row.closed_at = State.WAITING, False, None
            c.row.asked_mail = c.row.asked_mail and bool(c.row.email)
            c.says(CameBack())
    return line


def _refuse_flood(row: Conversation) -> None:
    if row.said >= MOST_LINES:
        raise Invalid(_("This conversation is very long by now. Please begin a new one."))
    minute = timezone.now() - dt.timedelta(minutes=1)
    if Line.objects.filter(conversation_id=row.pk, side=Side.VISITOR, at__gte=minute).count() >= MOST_A_MINUTE:
        raise Invalid(_("That was a lot at once. Please wait a minute; what you wrote before is here."))


def ask_for_human(row: Conversation) -> None:
    """The visitor wants a person, or the bot is done: whoever is there sees it waiting."""
    with change(row, by=visitor(row), verb="see") as c:
        if c.row.state == State.BOT:
            c.row.state, c.row.step, c.row.waiting_since = State.WAITING, "", timezone.now()
            c.says(HandedOver())


def typing(pk: int, topics: list[str], who: str) -> None:
    """Somebody writes: told to open pages, kept nowhere."""
    with transaction.atomic():
        announce(topics, f"typing:{who}")


def announce_state(row: Conversation) -> None:
    """The visitor's browser asks how it stands."""
    announce([topic(row.pk)])
