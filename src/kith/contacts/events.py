"""What happens to people and companies beyond being added, changed, merged and archived."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.kernel.timeline.types import EventType


@dataclass(frozen=True)
class ChangedPosition(EventType):
    verb, icon, sentence = "person.position_changed", "company", _("works at {company}")
    company: str
    title: str = ""
    ended: bool = False
    removed: bool = False

    @classmethod
    def say(cls, payload: dict[str, Any]) -> str:
        if payload.get("removed"):
            return __("removed the role at %s") % payload["company"]
        if payload.get("ended"):
            return __("noted that a role at %s ended") % payload["company"]
        title = payload.get("title")
        return (
            __("noted a role at %(company)s: %(title)s") % payload
            if title
            else __("noted a role at %s") % payload["company"]
        )


@dataclass(frozen=True)
class Related(EventType):
    verb, icon, sentence = "person.related", "people", _("noted a connection to {other}: {kind}")
    other: str
    kind: str
    personal = ("other",)


@dataclass(frozen=True)
class Unrelated(EventType):
    verb, icon, sentence = "person.unrelated", "people", _("removed the connection to {other}")
    other: str
    kind: str = ""
    personal = ("other",)

    @classmethod
    def say(cls, payload: dict[str, Any]) -> str:
        if payload.get("kind"):
            return __("removed the connection to %(other)s: %(kind)s") % payload
        return super().say(payload)


@dataclass(frozen=True)
class ToldApart(EventType):
    verb, icon, sentence = "contacts.told_apart", "people", _("said that this is not {other}")
    other: str
    personal = ("other",)
