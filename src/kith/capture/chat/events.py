"""What happens with chats. A person's story holds one entry for each conversation, with all that was said behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from kith.kernel.timeline.types import Body, EventType


@dataclass(frozen=True)
class ChatHeld(EventType):
    """Somebody talked to us on our site; told on the person once they are known."""

    verb, icon, chip, sentence = "chat.held", "chat", "notes", _("talked to us in the chat “{chat}”")
    conversation: int
    chat: str
    page: str = ""
    referrer: str = ""
    utm: dict[str, str] = field(default_factory=dict)
    visitor: str = ""
    personal = ("page", "referrer", "utm", "visitor")

    @classmethod
    def bodies(cls, events: Sequence[Any], actor: Any) -> dict[UUID, Body]:
        from kith.capture.chat.thread import bodies_of

        return bodies_of(events, actor)


@dataclass(frozen=True)
class ChatBegun(EventType):
    verb, sentence, icon = "conversation.begun", _("began to talk on {page}"), "chat"
    page: str = ""
    personal = ("page",)


@dataclass(frozen=True)
class HandedOver(EventType):
    verb, sentence, icon = "conversation.handed_over", _("asked for a colleague"), "hand"


@dataclass(frozen=True)
class Routed(EventType):
    verb, sentence, icon = "conversation.routed", _("gave this to {colleague}: {why}"), "share"
    colleague: str
    why: str


@dataclass(frozen=True)
class Taken(EventType):
    verb, sentence, icon = "conversation.taken", _("took this over"), "hand"


@dataclass(frozen=True)
class Handed(EventType):
    verb, sentence, icon = "conversation.handed", _("handed this to {colleague}"), "share"
    colleague: str


@dataclass(frozen=True)
class Answered(EventType):
    """The first word of a colleague."""

    verb, sentence, icon = "conversation.answered", _("answered first"), "chat"


@dataclass(frozen=True)
class WhoSaid(EventType):
    verb, sentence, icon = "conversation.named", _("said who they are"), "person"


@dataclass(frozen=True)
class Recognised(EventType):
    verb, sentence, icon = "conversation.recognised", _("this is {person}"), "person"
    person: str
    proven: bool = False
    personal = ("person",)


@dataclass(frozen=True)
class WentToMail(EventType):
    verb, sentence, icon = "conversation.by_mail", _("goes on by mail"), "mail"


@dataclass(frozen=True)
class ChatClosed(EventType):
    verb, sentence, icon = "conversation.closed", _("ended the conversation"), "check"


@dataclass(frozen=True)
class CameBack(EventType):
    verb, sentence, icon = "conversation.came_back", _("wrote again"), "loop"
