"""What colleagues do in chats: take over, answer, hand on, end; and being there or away.

Nothing here is taken back: whoever sits at the other end has read it.
"""

from __future__ import annotations

from typing import Annotated, Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.activities.notices import notify
from kith.capture.chat import events, routing, saying
from kith.capture.chat.models import ONGOING, Conversation, Presence, Side, State, Widget
from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid
from kith.kernel.kinds import Colleague, LongText
from kith.kernel.records.action import action
from kith.kernel.records.registry import registry
from kith.kernel.text import clean_text
from kith.kernel.timeline.change import change
from kith.kernel.timeline.followup import touch


def _goes_on(row: Any) -> bool:
    return row.state in ONGOING


@action("conversation.take", needs="conversation.edit", label=_("Take over"), icon="hand", undo=False,
        applies=_goes_on, done=_("You talk to {row} now"))  # fmt: skip
def take(conversation: Conversation, *, by: Actor) -> Conversation:
    """The bot is silent from here on, and whoever had it is told by the history."""
    with change(conversation, by=by) as c:
        _refuse_over(c.row)
        _take(c, by)
    return c.row


def _take(c: change, by: Actor) -> None:
    """It is this colleague's; said once."""
    row = c.row
    if row.owner_id == by.user_id and row.state == State.OPEN:
        return
    row.owner_id = by.user_id or row.owner_id
    row.state, row.step = State.OPEN, ""
    c.says(events.Taken())


@action("conversation.answer", needs="conversation.edit", label=_("Answer"), icon="send", undo=False, applies=_goes_on,
        done=_("Said"))  # fmt: skip
def answer(conversation: Conversation, *, text: Annotated[str, LongText(), _("Answer")], by: Actor) -> Conversation:
    """Say something to the visitor; who answers first has it. Raises Invalid."""
    text = clean_text(text).replace("\r\n", "\n").strip()
    if not text:
        raise Invalid(__("Write something first."), "text")
    if len(text) > saying.LONGEST:
        raise Invalid(__("This is too long: at most %s characters fit here.") % saying.LONGEST, "text")
    with transaction.atomic(), change(conversation, by=by, verb="see") as c:
        _refuse_over(c.row)
        _take(c, by)
        saying.put(c.row, Side.COLLEAGUE, text, by=by)
        c.row.waiting_since = None
        if c.row.answered_at is None:
            c.row.answered_at = timezone.now()
            c.says(events.Answered())
        if c.row.person_id is not None:
            touch({("person", c.row.person_id): timezone.now()})
    return c.row


@action("conversation.hand", needs="conversation.edit", label=_("Hand to a colleague"), icon="share", undo=False,
        applies=_goes_on, done=_("{row} is with somebody else now"))  # fmt: skip
def hand(
    conversation: Conversation, *, colleague: Annotated[Any, Colleague(), _("Colleague")], by: Actor
) -> Conversation:
    """Somebody else goes on; they are told, and have all of it before them."""
    registry["conversation"].get(by, conversation.pk, "edit")
    with transaction.atomic(), change(conversation, by=by, verb="see") as c:
        _refuse_over(c.row)
        if c.row.owner_id == colleague.pk:
            return c.row
        c.row.owner_id = colleague.pk
        c.row.state = State.OPEN if c.row.answered_at else State.WAITING
        c.row.waiting_since = c.row.waiting_since or timezone.now()
        c.says(events.Handed(colleague=str(colleague)))
        words = __("%(who)s hands you the chat with %(name)s") % {"who": by.name, "name": c.row}
        notify([colleague], words, kind=routing.KIND, key=f"chat:{c.row.pk}:{colleague.pk}:{c.row.said}", by=by,
               path=routing.address_of(c.row))  # fmt: skip
        routing.given(colleague.pk)
    return c.row


@action("conversation.close", needs="conversation.edit", label=_("End"), icon="check", undo=False, applies=_goes_on,
        done=_("Ended"))  # fmt: skip
def close(conversation: Conversation, *, by: Actor) -> Conversation:
    """It is over; should they write again, it opens again."""
    with change(conversation, by=by) as c:
        if c.row.state != State.CLOSED:
            c.row.state, c.row.closed_at, c.row.waiting_since = State.CLOSED, timezone.now(), None
            c.says(events.ChatClosed())
            saying.announce_state(c.row)
    return c.row


def _refuse_over(row: Conversation) -> None:
    if row.state == State.CLOSED:
        raise Invalid(__("This conversation is over; write a mail instead."))


def be_there(there: bool | None, *, by: Actor) -> Presence | None:
    """A colleague's page tells that they are here; `there` says whether they answer chats, None leaves it as it is."""
    if by.user_id is None or not by.can("conversation.edit"):
        return None
    said = {"seen_at": timezone.now()} | ({} if there is None else {"there": there})
    new = {"seen_at": timezone.now(), "there": bool(there)}
    row, _made = Presence.objects.update_or_create(user_id=by.user_id, defaults=said, create_defaults=new)
    return row


def create_widget(values: dict[str, Any], *, by: Actor, at: Any = None) -> Widget:
    """A new widget, with the words that most begin with. Raises InvalidMany."""
    from kith.capture.chat.definition import starting
    from kith.capture.chat.records import WidgetRecord
    from kith.kernel.records.actions import adopt, fill

    row = Widget()
    fill(WidgetRecord, row, values, by=by)
    row.document = row.document or starting(row.name)
    with change(row, by=by, at=at) as c:
        adopt(c.row, by)
    return row


def ended_by_visitor(row: Conversation) -> None:
    """The visitor says goodbye."""
    with change(row, by=saying.visitor(row), verb="see") as c:
        if c.row.state in ONGOING:
            c.row.state, c.row.closed_at, c.row.waiting_since = State.CLOSED, timezone.now(), None
            c.says(events.ChatClosed())
            saying.announce_state(c.row)
